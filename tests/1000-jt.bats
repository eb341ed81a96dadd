# jt itself: the list of programs, and running one.
load lib.bash

@test "jt alone lists the programs" {
	check 0 '' jt
	[ "$(out | head -n 1)" = "jt          run jt-NAME; alone, list the programs" ]
	out | grep -qx 'jt-sign     add a signature to objects'
	# All that are built are listed, and no others.
	(cd "$JT_BUILD/cmd" && find . -maxdepth 1 -type f -executable -name 'jt*' -printf '%f\n') |
		LC_ALL=C sort >built
	out | cut -d ' ' -f 1 | LC_ALL=C sort | cmp - built
}

@test "jt NAME runs jt-NAME with its words" {
	check 0 '' jt keygen -n alice
	[ "$(out)" = "$(jt id alice.pub)" ]
	check 66 \
		"jt-id: ./-: No such file or directory" jt id ./-
}

@test "jt finds programs beside itself, then in the path" {
	check 0 '' env -i "$JT_BUILD/cmd/jt" sign -V
	out_is "$(jt-sign -V)"
	printf '#!/bin/sh\necho "own $*"\n' >jt-own
	chmod +x jt-own
	check 0 '' env PATH="$PWD:$PATH" jt own a b
	out_is 'own a b'
}

@test "jt with a name that is none" {
	check 64 "jt: no program jt-nothing
jt: hint: jt alone lists the programs" jt nothing
	check 64 "jt: no program jt-../x
jt: usage: jt | jt NAME [ARGUMENT...]" jt ../x
	check 64 "jt: no option -x
jt: usage: jt | jt NAME [ARGUMENT...]" jt -x
}

@test "control bytes on stderr are shown as ?" {
	check 66 'jt-id: a?b?[31m: No such file or directory' jt-id "$(printf 'a\nb\033[31m')"
	check 66 'jt-id: ??31m: No such file or directory' jt-id "$(printf '\302\23331m')"
	# Nor what turns the direction of writing around; other letters stay, bad ones, too.
	check 66 'jt-id: a???b??: No such file or directory' \
	    jt-id "$(printf 'a\342\200\256b\302\255')"
	check 66 "$(printf 'jt-id: \303\251\342\202\254\342\200: No such file or directory')" \
	    jt-id "$(printf '\303\251\342\202\254\342\200')"
}
