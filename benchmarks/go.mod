module troupe_benchmarks

go 1.18
