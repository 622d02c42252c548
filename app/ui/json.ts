/** What was typed as JSON. @throws SyntaxError, also for a number that is too large, such as `1e400`: it would be sent as null. */
export const readJson = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new SyntaxError('a number is too large')
    return value
  })
