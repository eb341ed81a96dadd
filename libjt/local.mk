# Add a module: one line libjt_sources, one line libjt_headers (installed as <jt/NAME.h>) or libjt_private.
libjt_sources += %D%/base/buf.c
libjt_sources += %D%/base/error.c
libjt_sources += %D%/base/file.c
libjt_sources += %D%/base/num.c
libjt_sources += %D%/base/text.c
libjt_sources += %D%/crypto/address.c
libjt_sources += %D%/crypto/hash.c
libjt_sources += %D%/crypto/merkle.c
libjt_sources += %D%/crypto/seal.c
libjt_sources += %D%/crypto/sign.c
libjt_sources += %D%/object/asset.c
libjt_sources += %D%/object/encode.c
libjt_sources += %D%/object/kind.c
libjt_sources += %D%/object/object.c
libjt_sources += %D%/object/schema.c
libjt_sources += %D%/object/signed.c
libjt_sources += %D%/object/walk.c

libjt_headers += %D%/base/buf.h
libjt_headers += %D%/base/error.h
libjt_headers += %D%/base/file.h
libjt_headers += %D%/base/num.h
libjt_headers += %D%/base/text.h
libjt_headers += %D%/crypto/address.h
libjt_headers += %D%/crypto/hash.h
libjt_headers += %D%/crypto/merkle.h
libjt_headers += %D%/crypto/seal.h
libjt_headers += %D%/crypto/sign.h
libjt_headers += %D%/object/asset.h
libjt_headers += %D%/object/kind.h
libjt_headers += %D%/object/object.h
libjt_headers += %D%/object/schema.h
libjt_headers += %D%/object/signed.h
libjt_headers += %D%/object/view.h
libjt_headers += %D%/object/walk.h

EXTRA_DIST += %D%/LAYERS
