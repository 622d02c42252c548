// `crypto.subtle` is not there on plain http, where a LAN is, and its promises cost more than the hash.

const primes: number[] = []
for (let candidate = 2; primes.length < 64; candidate++) if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)

/** The first 32 bits of the fractional part. */
const fraction = (value: number): number => ((value - Math.floor(value)) * 2 ** 32) | 0

const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)))
const initial = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))

const schedule = new Int32Array(64)

/** The first 32 bits of the SHA-256 of one block, which is in the first 16 words of `schedule`. */
function hashStart(): number {
  for (let at = 16; at < 64; at++) {
    const early = schedule[at - 15]!
    const late = schedule[at - 2]!
    const s0 = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3)
    const s1 = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10)
    schedule[at] = (schedule[at - 16]! + s0 + schedule[at - 7]! + s1) | 0
  }
  let a = initial[0]!
  let b = initial[1]!
  let c = initial[2]!
  let d = initial[3]!
  let e = initial[4]!
  let f = initial[5]!
  let g = initial[6]!
  let h = initial[7]!
  for (let at = 0; at < 64; at++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[at]! + schedule[at]!) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  return (a + initial[0]!) >>> 0
}

/**
 * The number that solves a puzzle: see `PuzzleChallenge` of the contract.
 *
 * @param seed Its 16 bytes, as four words.
 */
export function solvePuzzle(seed: readonly number[], puzzle: number, bits: number): number {
  const limit = 2 ** (32 - bits)
  schedule.set(seed)
  schedule[4] = puzzle
  schedule[6] = 0x80000000
  schedule.fill(0, 7, 15)
  schedule[15] = 24 * 8
  for (let solution = 0; ; solution++) {
    schedule[5] = solution
    if (hashStart() < limit) return solution
  }
}

/** The words of a seed, from its base64url. */
export function readSeed(seed: string): number[] {
  const bytes = atob(seed.replaceAll('-', '+').replaceAll('_', '/'))
  return [0, 4, 8, 12].map((at) => [0, 1, 2, 3].reduce((word, offset) => (word << 8) | bytes.charCodeAt(at + offset), 0))
}
