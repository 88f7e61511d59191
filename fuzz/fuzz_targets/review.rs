#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| prodready_fuzz::review(bytes));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    prodready_fuzz::mutate::tree(data, size, most, seed)
});
