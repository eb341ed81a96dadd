#!/usr/bin/env bats
# jt-genesis: the network file, keys and first ledgers; every field of a set-up.
load lib.bash

@test "an existing directory is kept, and nothing is left behind" {
	check 0 '' jt-genesis
	before=$(find net -type f -exec sha256sum {} + | sort)
	check 73 'jt-genesis: net: exists, and is kept' jt-genesis
	out_is ''
	[ "$(find net -type f -exec sha256sum {} + | sort)" = "$before" ]
	[ "$(ls -A)" = net ]
	touch file
	check 73 'jt-genesis: file: exists, and is kept' jt-genesis -o file
	ln -s nowhere link
	check 73 'jt-genesis: link: exists, and is kept' jt-genesis -o link
	[ "$(ls -A)" = "$(printf 'file\nlink\nnet')" ]
	mkdir empty
	check 0 '' jt-genesis -o empty/
	[ -f empty/network.jt ]
}

@test "a signal while it works leaves nothing behind" {
	for delay in 0.02 0.05 0.1 0.2 0.3; do
		code=0
		timeout -s TERM "$delay" jt-genesis -v 128 -o "net$delay" >id || code=$?
		# 124: timeout's own word for "it was killed".
		[ "$code" -eq 124 ] || [ -f "net$delay/v128/network.jt" ]
		rm -rf "net$delay" id
		[ "$(ls -A)" = '' ]
	done
}
