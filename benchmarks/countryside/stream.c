/* Bandwidth of the memory as the STREAM benchmark takes it: a = b + s c, 24 bytes an element, without the line that is
   read before it is written. cc -O3 -march=native -fopenmp stream.c -o stream; stream THREADS. Prints the best GB/s. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

int main(int c, char **v) {
    const long n = 20000000;
    if (c != 2) return fprintf(stderr, "stream THREADS\n"), 2;
    omp_set_num_threads(atoi(v[1]));
    double *a = aligned_alloc(64, n * 8), *b = aligned_alloc(64, n * 8), *d = aligned_alloc(64, n * 8), best = 1e9;
#pragma omp parallel for
    for (long i = 0; i < n; i++) a[i] = 0, b[i] = i, d[i] = 2 * i;
    for (int k = 0; k < 10; k++) {
        double began = omp_get_wtime();
#pragma omp parallel for
        for (long i = 0; i < n; i++) a[i] = b[i] + 3.0 * d[i];
        double seconds = omp_get_wtime() - began;
        if (seconds < best) best = seconds;
    }
    if (a[5] != 35.0) return 1;
    printf("%.3f\n", n * 24e-9 / best);
    return 0;
}
