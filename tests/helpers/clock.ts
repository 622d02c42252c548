/** Runs something with the clock so many seconds ahead. */
export async function later<T>(seconds: number, run: () => Promise<T>): Promise<T> {
  const { now } = Date
  Date.now = () => now() + seconds * 1000
  try {
    return await run()
  } finally {
    Date.now = now
  }
}
