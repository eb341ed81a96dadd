#!/usr/bin/env bats
# Building: what is missing is named, together with the package that brings it.
load lib.bash

# fake NAME: a command of that name in bin/, which comes first in the path.
fake() {
	mkdir -p bin
	cat >"bin/$1"
	chmod +x "bin/$1"
}

@test "configure names what is missing, and Debian's package for it" {
	all='libsodium-dev liblmdb-dev libmsgpack-dev libyaml-dev nettle-dev'
	mkdir none one
	check 1 "configure: error: missing: $all
(as Debian's packages are called; as root: apt-get install $all)" \
	    sh -c "cd none && PKG_CONFIG=/bin/false '$JT_SRC/configure' -q"
	fake pkg-config <<-'END'
		#!/bin/sh
		case $* in *yaml*) exit 1 ;; esac
		PATH=${PATH#*:} exec pkg-config "$@"
	END
	check 1 "configure: error: missing: libyaml-dev
(as Debian's packages are called; as root: apt-get install libyaml-dev)" \
	    sh -c "cd one && PATH='$PWD/bin':\$PATH '$JT_SRC/configure' -q"
	[ ! -e one/Makefile ]
}

# On a machine of Debian's where bats and nettle-dev are not installed.
machine() {
	fake dpkg-query <<-'END'
		#!/bin/sh
		for p; do :; done
		case $p in bats | nettle-dev) echo ' not-installed ' ;; *) echo ' installed ' ;; esac
	END
	fake id <<-END
		#!/bin/sh
		echo $1
	END
	fake sudo <<-'END'
		#!/bin/sh
		exit 1
	END
	fake apt-get <<-'END'
		#!/bin/sh
		echo "$*" >>"$CALLS"
	END
	export CALLS=$PWD/calls PATH=$PWD/bin:$PATH
	: >calls
}

@test "without root what is missing is said, and nothing else is done" {
	machine 1000
	mkdir -p src/tests src/examples
	cp -r "$JT_SRC/.ci" src
	cp "$JT_SRC/tests/run" src/tests
	cp -R "$JT_SRC"/examples/* src/examples
	touch src/.git
	check 77 'missing packages; as root: apt-get install --no-install-recommends nettle-dev bats' \
	    src/tests/run
	check 77 'missing packages; as root: apt-get install --no-install-recommends nettle-dev' \
	    src/examples/quickstart
	[ ! -e src/build ]
	[ ! -s calls ]
}

@test "with root only what is missing is installed, without a question" {
	machine 0
	check 0 'installing: nettle-dev bats' sh "$JT_SRC/.ci/setup" build test
	grep -q -- ' -y .* install nettle-dev bats$' calls
	! grep -q libyaml-dev calls || false
	: >calls
	check 0 '' sh "$JT_SRC/.ci/setup" bench
	[ ! -s calls ]
}
