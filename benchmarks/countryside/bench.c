/* The standard workload in C: what a compiled program without Python makes of it. The workload is described in
   workload.py; every number of the result is the same as that of ours.py.

   cc $FLAGS bench.c -o bench -lm; bench N THREADS REPEATS DRAWS RESULT
   DRAWS: 0 Philox as the compiler makes it, 2 with AVX2 (8 blocks at once), 3 with AVX-512 (8 blocks at once, words in
   64 bits). RESULT: file for double[36][30][8] of the last repeat. Prints the seconds of each repeat (of the
   processor with one thread, of the clock with several) and the peak memory. FLAGS are in reference.py. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif
#define R 30
#define T 36
#define K 8
#define PIECE 1024
#define SEED 1922u
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint8_t u8;
typedef float f32;
typedef struct {
    long first, end;
    int region;
} Piece;

static f32 land_of[R], yield_of[R], pressure[T], quota[T];
static const f32 weather[3] = {1.0f, 0.6f, 0.9f};
static f32 *land, *hoard, *grain;
static u8 *size, *livestock, *low, *flags; /* flags: 1 alive, 2 kolkhoz, 4 distress */
static double result[T][R][K];

#define UNIT(w) ((f32)(int)((w) >> 8) * 5.9604644775390625e-08f)

static inline __attribute__((always_inline)) void philox(u32 *c, u32 seed) {
    u32 k0 = seed, k1 = 0;
#pragma GCC unroll 10
    for (int r = 0; r < 10; r++) {
        u64 p0 = (u64)c[0] * 0xD2511F53u, p1 = (u64)c[2] * 0xCD9E8D57u;
        u32 n0 = (u32)(p1 >> 32) ^ c[1] ^ k0, n2 = (u32)(p0 >> 32) ^ c[3] ^ k1;
        c[0] = n0, c[1] = (u32)p1, c[2] = n2, c[3] = (u32)p0;
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
}

#define FILL static __attribute__((noinline)) void
#define BUFFERS f32 *restrict U0, f32 *restrict U1, f32 *restrict U2, f32 *restrict U3

FILL fill_plain(long n, u32 base, u32 t, BUFFERS) {
    for (long j = 0; j < n; j++) {
        u32 c[4] = {base + (u32)j, t, 0, 0};
        philox(c, SEED);
        U0[j] = UNIT(c[0]), U1[j] = UNIT(c[1]), U2[j] = UNIT(c[2]), U3[j] = UNIT(c[3]);
    }
}

#if defined(__AVX2__)
static inline __attribute__((always_inline)) void product(__m256i a, __m256i m, __m256i *hi, __m256i *lo) {
    __m256i even = _mm256_mul_epu32(a, m), odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), m);
    *lo = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
    *hi = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}

static inline __attribute__((always_inline)) void store(f32 *to, __m256i words) {
    const __m256 unit = _mm256_set1_ps(5.9604644775390625e-08f);
    _mm256_store_ps(to, _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_srli_epi32(words, 8)), unit));
}

FILL fill_avx2(long n, u32 base, u32 t, BUFFERS) {
    const __m256i m0 = _mm256_set1_epi32(0xD2511F53), m1 = _mm256_set1_epi32(0xCD9E8D57);
    const __m256i steps = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (long j = 0; j < n; j += 8) {
        __m256i c0 = _mm256_add_epi32(_mm256_set1_epi32(base + (u32)j), steps), c1 = _mm256_set1_epi32(t);
        __m256i c2 = _mm256_setzero_si256(), c3 = c2;
        u32 k0 = SEED, k1 = 0;
#pragma GCC unroll 10
        for (int r = 0; r < 10; r++) {
            __m256i h0, l0, h1, l1;
            product(c0, m0, &h0, &l0);
            product(c2, m1, &h1, &l1);
            c0 = _mm256_xor_si256(_mm256_xor_si256(h1, c1), _mm256_set1_epi32(k0));
            c2 = _mm256_xor_si256(_mm256_xor_si256(h0, c3), _mm256_set1_epi32(k1));
            c1 = l1, c3 = l0;
            k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
        }
        store(U0 + j, c0), store(U1 + j, c1), store(U2 + j, c2), store(U3 + j, c3);
    }
}
#endif

#if defined(__AVX512F__)
/* A word in each 64-bit lane: the multiplication reads only the low half, so what is left in the high one is harmless. */
FILL fill_avx512(long n, u32 base, u32 t, BUFFERS) {
    const __m512i m0 = _mm512_set1_epi64(0xD2511F53), m1 = _mm512_set1_epi64(0xCD9E8D57);
    const __m512i steps = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    for (long j = 0; j < n; j += 8) {
        __m512i c0 = _mm512_add_epi64(_mm512_set1_epi64(base + (u32)j), steps), c1 = _mm512_set1_epi64(t);
        __m512i c2 = _mm512_setzero_si512(), c3 = c2;
        u32 k0 = SEED, k1 = 0;
#pragma GCC unroll 10
        for (int r = 0; r < 10; r++) {
            __m512i p0 = _mm512_mul_epu32(c0, m0), p1 = _mm512_mul_epu32(c2, m1);
            c0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), c1, _mm512_set1_epi64(k0), 0x96);
            c2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), c3, _mm512_set1_epi64(k1), 0x96);
            c1 = p1, c3 = p0;
            k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
        }
        store(U0 + j, _mm512_cvtepi64_epi32(c0)), store(U1 + j, _mm512_cvtepi64_epi32(c1));
        store(U2 + j, _mm512_cvtepi64_epi32(c2)), store(U3 + j, _mm512_cvtepi64_epi32(c3));
    }
}
#endif

/* The rules of one piece, without branches so that the compiler can vectorise them; one function for a kind of month.
   Sums are integers of 1/256, whose order does not matter. */
#define RULES(NAME, HARVEST, MARKET, PROCUREMENT)                                                                      \
    FILL NAME(const Piece p, const int t, const f32 price, const f32 share, const f32 *restrict U0,                    \
              const f32 *restrict U1, const f32 *restrict U2, const f32 *restrict U3, double *restrict out) {          \
        f32 *restrict G = grain + p.first;                                                                             \
        const f32 *restrict LA = land + p.first, *restrict HO = hoard + p.first;                                       \
        const u8 *restrict SI = size + p.first;                                                                        \
        u8 *restrict LI = livestock + p.first, *restrict LO = low + p.first, *restrict FL = flags + p.first;           \
        const f32 crop = yield_of[p.region] * weather[t / 12], q = quota[t];                                           \
        const f32 join = pressure[t] * (0.02f + 0.25f * share);                                                        \
        int living = 0, joined = 0, hungry = 0, killed = 0, gone = 0, stock = 0, traded = 0, levied = 0;               \
        _Pragma("GCC ivdep") for (long j = 0; j < p.end - p.first; j++) {                                              \
            const int f = FL[j], animals = LI[j], before = LO[j], alive = f & 1, kolkhoz = (f >> 1) & 1;               \
            const f32 held = G[j], h = HO[j];                                                                          \
            f32 g = held, sold = 0, taken = 0;                                                                         \
            if (HARVEST) g += LA[j] * crop * (0.6f + 0.8f * U0[j]) * (1.0f - 0.15f * (f32)kolkhoz);                    \
            const f32 need = 0.21f * (f32)SI[j] + 0.15f * (f32)animals;                                                \
            const int is_short = g < need ? 1 : 0;                                                                     \
            const f32 eaten = g < need ? g : need;                                                                     \
            g -= eaten;                                                                                                \
            const int longer = before + 1, capped = longer > 200 ? 200 : longer, hunger = is_short * capped;           \
            if (MARKET) {                                                                                              \
                f32 surplus = g - 9.0f * need;                                                                         \
                surplus = surplus > 0.0f ? surplus : 0.0f;                                                             \
                f32 part = 0.9f - 0.35f * price * (0.5f + h);                                                          \
                part = part < 0.0f ? 0.0f : part;                                                                      \
                part = part > 0.9f ? 0.9f : part;                                                                      \
                sold = part * surplus;                                                                                 \
                g -= sold;                                                                                             \
            }                                                                                                          \
            if (PROCUREMENT) {                                                                                         \
                const f32 hidden = U1[j] < 0.3f * h ? 0.5f : 1.0f, seen = kolkhoz ? 1.0f : hidden;                     \
                taken = q * g * seen;                                                                                  \
                g -= taken;                                                                                            \
            }                                                                                                          \
            const int distress = hunger >= 3 ? 1 : 0, owns = animals > 0 ? 1 : 0, slaughter = distress & owns;         \
            g += 1.5f * (f32)slaughter;                                                                                \
            const int fails = U2[j] < 0.02f ? 1 : 0, dies = distress & (owns ^ 1) & fails, still = alive & (dies ^ 1); \
            const int willing = U3[j] < join * (1.5f - h) ? 1 : 0, member = kolkhoz | (willing & still);               \
            const int fresh = still | (member << 1) | (distress << 2);                                                 \
            G[j] = alive ? g : held;                                                                                   \
            LI[j] = (u8)(animals - (slaughter & alive));                                                               \
            LO[j] = (u8)(alive ? hunger : before);                                                                     \
            FL[j] = (u8)(alive ? fresh : f);                                                                           \
            living += still, joined += still & member, hungry += still & distress;                                     \
            killed += alive & slaughter, gone += alive & dies;                                                         \
            stock += (int)((f32)still * g * 256.0f + 0.5f);                                                            \
            traded += (int)((f32)alive * sold * 256.0f + 0.5f), levied += (int)((f32)alive * taken * 256.0f + 0.5f);   \
        }                                                                                                              \
        out[0] = living, out[1] = joined, out[2] = stock / 256.0, out[3] = hungry;                                     \
        out[4] = traded / 256.0, out[5] = levied / 256.0, out[6] = killed, out[7] = gone;                              \
    }
RULES(plain, 0, 0, 0)
RULES(harvest, 1, 0, 0)
RULES(market, 0, 1, 0)
RULES(procurement, 0, 0, 1)
RULES(both, 0, 1, 1)

static long border(int region, long n) { return (region * n + R - 1) / R; }

static void setup(long n) {
#pragma omp parallel for schedule(static)
    for (int r = 0; r < R; r++)
        for (long i = border(r, n); i < border(r + 1, n); i++) {
            u32 c[4] = {(u32)i, 0, 1, 0};
            philox(c, SEED);
            f32 persons = 3.0f + floorf(5.0f * UNIT(c[0]));
            size[i] = (u8)persons;
            land[i] = persons * (0.7f + 0.6f * UNIT(c[1])) * land_of[r];
            hoard[i] = UNIT(c[2]);
            livestock[i] = (u8)floorf(4.0f * UNIT(c[3]));
            grain[i] = 0.21f * persons * 7.5f + 0.3f * land[i];
            low[i] = 0, flags[i] = 1;
        }
}

static void run(int draws, const Piece *pieces, long count, double *sums) {
    f32 shares[R] = {0}, national = 0;
    memset(result, 0, sizeof result);
    for (int t = 0; t < T; t++) {
        int m = t % 12, sells = m == 2 || (m >= 8 && m <= 10), delivers = m == 9 || m == 11;
        f32 price = 1.2f + 0.6f * national;
#pragma omp parallel for schedule(static)
        for (long q = 0; q < count; q++) {
            Piece p = pieces[q];
            _Alignas(64) f32 U0[PIECE + 8], U1[PIECE + 8], U2[PIECE + 8], U3[PIECE + 8];
            long n = p.end - p.first;
            switch (draws) {
#if defined(__AVX512F__)
            case 3: fill_avx512(n, (u32)p.first, t, U0, U1, U2, U3); break;
#endif
#if defined(__AVX2__)
            case 2: fill_avx2(n, (u32)p.first, t, U0, U1, U2, U3); break;
#endif
            default: fill_plain(n, (u32)p.first, t, U0, U1, U2, U3);
            }
            (m == 7 ? harvest : sells && delivers ? both : sells ? market : delivers ? procurement : plain)(
                p, t, price, shares[p.region], U0, U1, U2, U3, sums + q * K);
        }
        for (long q = 0; q < count; q++)
            for (int k = 0; k < K; k++) result[t][pieces[q].region][k] += sums[q * K + k];
        double living = 0, joined = 0;
        for (int r = 0; r < R; r++) {
            double *a = result[t][r];
            shares[r] = a[0] > 0 ? (f32)(a[1] / a[0]) : 0;
            living += a[0], joined += a[1];
        }
        national = (f32)(joined / living);
    }
}

static void *column(long bytes) { return aligned_alloc(64, (bytes + 63) / 64 * 64); }

/* Linux counts the memory of the process that started this one into ru_maxrss, so its own mark is read. */
static double peak_memory(void) {
    char line[256];
    long kb;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld kB", &kb) == 1) return fclose(status), kb / 1024.0;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1048576.0;
}

static double now(int threads) {
    struct timespec t;
    if (threads > 1) return omp_get_wtime();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int c, char **v) {
    if (c != 6) return fprintf(stderr, "bench N THREADS REPEATS DRAWS RESULT\n"), 2;
    long n = (long)atof(v[1]);
    int threads = atoi(v[2]), repeats = atoi(v[3]), draws = atoi(v[4]);
    omp_set_num_threads(threads);
    for (int r = 0; r < R; r++) {
        land_of[r] = (f32)(0.9 + 0.4 * ((11 * r) % 30) / 29.0);
        yield_of[r] = (f32)(4.0 + 3.0 * ((7 * r) % 30) / 29.0);
    }
    for (int t = 0; t < T; t++) {
        double p = 0.1 + 0.05 * (t - 12);
        pressure[t] = t < 12 ? 0.1f : (f32)(p > 1 ? 1 : p);
        quota[t] = (f32)(0.1 + 0.1 * (t / 12));
    }
    land = column(4 * n), hoard = column(4 * n), grain = column(4 * n);
    size = column(n), livestock = column(n), low = column(n), flags = column(n);
    Piece *pieces = malloc(sizeof(Piece) * (n / PIECE + 2 * R + 2));
    long count = 0;
    for (int r = 0; r < R; r++)
        for (long i = border(r, n), end = border(r + 1, n); i < end; i += PIECE)
            pieces[count++] = (Piece){i, i + PIECE < end ? i + PIECE : end, r};
    double *sums = column(count * K * 8);
    printf("{\"seconds\": [");
    for (int k = 0; k < repeats; k++) {
        setup(n);
        double began = now(threads);
        run(draws, pieces, count, sums);
        printf("%s%.9f", k ? ", " : "", now(threads) - began);
    }
    printf("], \"memory\": %.1f, \"widest\": %d}\n", peak_memory(),
#if defined(__AVX512F__)
           3
#elif defined(__AVX2__)
           2
#else
           0
#endif
    );
    FILE *saved = fopen(v[5], "wb");
    if (!saved || fwrite(result, sizeof result, 1, saved) != 1) return fprintf(stderr, "cannot write %s\n", v[5]), 1;
    return fclose(saved);
}
