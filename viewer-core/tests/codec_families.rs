//! Each family of transfer syntaxes on small frames made here, or by encoders that share no code with
//! the decoders. Sample values differ in all their bytes, so that no mix-up goes unseen.
#![cfg(feature = "codecs")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod codec_cases {
    mod compact;
    mod frames;
    mod hostile;
    mod jpeg;
    mod jpeg2000;
    mod jpeg2000_vectors;
    mod jpeg_ls;
    mod jpeg_ls_encoder;
    mod jpeg_processes;
    mod jpeg_xl;
    mod native;
    mod packed;
    mod rle;
}
