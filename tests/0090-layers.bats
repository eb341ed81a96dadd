#!/usr/bin/env bats
# The layer check (.ci/layers): what it must find, planted in a small tree.

load lib.bash

setup() {
	lib_setup
	mkdir -p tree/cmd tree/libjt/base tree/libjt/crypto
	cd tree || return
	printf '# lowest first\nbase\ncrypto\n' > libjt/LAYERS
	for f in base/num.c base/num.h crypto/hash.c crypto/hash.h; do
		echo '#include <stddef.h>' > "libjt/$f"
		echo "libjt_sources += %D%/$f" >> libjt/local.mk
	done
	for f in cmd.c cmd.h jt-id.c; do
		printf '#include "base/num.h"\n#include "cmd.h"\n' > "cmd/$f"
		echo "cmd_shared += %D%/${f%-id.c}" >> cmd/local.mk
	done
	echo 'bin_PROGRAMS += %D%/jt-id' >> cmd/local.mk
	cp libjt/base/num.c ../num.c
	cd ..
}

# planted FILE MESSAGE: the only complaint is about the last line of FILE.
planted() {
	check 1 '' "$JT_SRC/.ci/layers" tree
	out_is "$1:$(wc -l < "tree/$1"): $2"
}

@test "layers: a tree in order" {
	check 0 '' "$JT_SRC/.ci/layers" tree
	out_is ''
}

@test "layers: a lower folder includes a higher one" {
	echo '#include "crypto/hash.h"' >> tree/libjt/base/num.c
	planted libjt/base/num.c 'base includes "crypto/hash.h" of a higher layer'
}

@test "layers: a higher folder includes a lower one" {
	echo '#include "base/num.h"' >> tree/libjt/crypto/hash.c
	check 0 '' "$JT_SRC/.ci/layers" tree
}

@test "layers: a folder that names those it knows includes another one" {
	mkdir tree/libjt/vote
	echo 'vote base' >> tree/libjt/LAYERS
	printf '#include "%s"\n' base/num.h vote/dag.h > tree/libjt/vote/dag.h
	echo 'libjt_headers += %D%/vote/dag.h' >> tree/libjt/local.mk
	check 0 '' "$JT_SRC/.ci/layers" tree
	echo '#include "crypto/hash.h"' >> tree/libjt/vote/dag.h
	planted libjt/vote/dag.h 'vote includes "crypto/hash.h" of a folder it does not name'
}

@test "layers: libjt includes a program's header" {
	echo '#include "cmd.h"' >> tree/libjt/base/num.c
	planted libjt/base/num.c 'includes "cmd.h" without its folder'
}

@test "layers: an unknown folder" {
	echo '#include "net/loop.h"' >> tree/cmd/cmd.c
	check 1 '' "$JT_SRC/.ci/layers" tree
	[[ $(out) == *'includes "net/loop.h", and net is no layer'* ]]
}

@test "layers: a header that is not there" {
	echo '#include "nowhere.h"' >> tree/cmd/cmd.c
	planted cmd/cmd.c 'includes "nowhere.h", and there is no cmd/nowhere.h'
}

@test "layers: libjt prints, exits, reads the environment, the clock or entropy" {
	for call in 'printf("")' 'fprintf(f, "")' 'exit(1)' 'abort()' 'getenv("X")' 'time(NULL)' \
	    'clock_gettime(0, &t)' 'getrandom(b, 1, 0)' 'randombytes_buf(b, 1)' \
	    'crypto_sign_ed25519_keypair(a, b)'; do
		cp num.c tree/libjt/base/num.c
		echo "	$call;" >> tree/libjt/base/num.c
		planted libjt/base/num.c "libjt has no ${call%%(*}"
	done
}

@test "layers: floating point in libjt" {
	echo 'static double x;' >> tree/libjt/base/num.c
	planted libjt/base/num.c 'libjt has no double'
}

@test "layers: words in comments, strings and longer names are no calls" {
	cat >> tree/libjt/base/num.c <<-'END'
		/* exit(1), and
		   printf("x") */
		static const char *s = "getenv(\"HOME\")", c = '"'; // time(NULL)
		x->time(1); jt_exit(1); vsnprintf(b, n, f, ap); snprintf(b, 1, "%s", "exit(");
	END
	check 0 '' "$JT_SRC/.ci/layers" tree
}

@test "layers: a source that the build does not list" {
	echo > tree/libjt/base/stray.c
	planted libjt/base/stray.c 'is not in libjt/local.mk'
}

@test "layers: a folder that is not stated" {
	mkdir tree/libjt/net
	echo > tree/libjt/net/loop.h
	check 1 '' "$JT_SRC/.ci/layers" tree
	out_is 'libjt/net/loop.h:1: folder net is not in libjt/LAYERS
libjt/net/loop.h:1: is not in libjt/local.mk'
}

@test "layers: two headers of one name" {
	cp tree/libjt/base/num.h tree/libjt/crypto/num.h
	echo 'libjt_headers += %D%/crypto/num.h' >> tree/libjt/local.mk
	check 1 '' "$JT_SRC/.ci/layers" tree
	out_is 'libjt/LAYERS:1: several layers have a header num.h'
}
