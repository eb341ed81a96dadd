# JT_CC_FLAG(VARIABLE, FLAG)
# Append FLAG to VARIABLE if the compiler takes it without a word.
AC_DEFUN([JT_CC_FLAG], [
AS_VAR_PUSHDEF([cache], [jt_cv_cc_flag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [cache], [
	jt_saved=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_COMPILE_IFELSE([AC_LANG_SOURCE([int main(void) { return 0; }])],
	    [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
	CFLAGS=$jt_saved])
AS_VAR_IF([cache], [yes], [$1="${$1:+$$1 }$2"])
AS_VAR_POPDEF([cache])
])

# JT_LD_FLAG(VARIABLE, FLAG)
# The same for linking a program.
AC_DEFUN([JT_LD_FLAG], [
AS_VAR_PUSHDEF([cache], [jt_cv_ld_flag_$2])
AC_CACHE_CHECK([whether $CC links with $2], [cache], [
	jt_saved_c=$CFLAGS jt_saved_ld=$LDFLAGS
	CFLAGS="$CFLAGS -Werror" LDFLAGS="$LDFLAGS $2"
	AC_LINK_IFELSE([AC_LANG_SOURCE([int main(void) { return 0; }])],
	    [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
	CFLAGS=$jt_saved_c LDFLAGS=$jt_saved_ld])
AS_VAR_IF([cache], [yes], [$1="${$1:+$$1 }$2"])
AS_VAR_POPDEF([cache])
])

# JT_LIBRARY(PREFIX, MODULES, PACKAGE, [IF-MISSING])
# Find a library by pkg-config under one of the names in MODULES and set
# PREFIX_MODULE, PREFIX_CFLAGS and PREFIX_LIBS. Without IF-MISSING a missing
# one is noted, with the Debian package that brings it, for JT_MISSING.
AC_DEFUN([JT_LIBRARY], [
AC_MSG_CHECKING([for $2])
$1_MODULE=
AS_IF([test -n "$PKG_CONFIG"], [
	for jt_module in $2; do
		AS_IF([test -z "$$1_MODULE" && $PKG_CONFIG --exists "$jt_module"],
		    [$1_MODULE=$jt_module])
	done])
AS_IF([test -n "$$1_MODULE"], [
	$1_CFLAGS=$($PKG_CONFIG --cflags "$$1_MODULE")
	$1_LIBS=$($PKG_CONFIG --libs "$$1_MODULE")
	jt_version=$($PKG_CONFIG --modversion "$$1_MODULE")
	AC_MSG_RESULT([$$1_MODULE $jt_version])
], [
	AC_MSG_RESULT([no])
	m4_default([$4], [jt_missing="$jt_missing $3"])
])
AC_SUBST([$1_MODULE])
AC_SUBST([$1_CFLAGS])
AC_SUBST([$1_LIBS])
])

# JT_MISSING
# Stop if anything was missing, naming all of it at once.
AC_DEFUN([JT_MISSING], [
AS_IF([test -n "$jt_missing"],
    [AC_MSG_ERROR([missing:$jt_missing
(as Debian's packages are called; as root: apt-get install$jt_missing)])])
])
