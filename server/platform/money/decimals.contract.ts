/** A plain decimal, such as `12.5`: no sign, no exponent. */
const DECIMAL = /^(\d+)(?:\.(\d+))?$/

/**
 * The whole number a decimal stands for when its unit has so many places: "1.5" with six of them is 1500000.
 *
 * @throws RangeError for anything but digits with at most that many places.
 */
export function parseDecimal(text: string, places: number): bigint {
  const [, whole, fraction = ''] = DECIMAL.exec(text) ?? []
  if (whole === undefined || fraction.length > places)
    throw new RangeError(`not a decimal of at most ${places} places: ${text.slice(0, 80)}`)
  return BigInt(whole + fraction.padEnd(places, '0'))
}

/** Writes a whole number (0 or more) of units with so many places, without zeros at the end beyond `fewest` places. */
export function formatDecimal(units: bigint | number, places: number, fewest: number): string {
  const digits = String(units).padStart(places + 1, '0')
  const [whole, fraction] = [digits.slice(0, -places), digits.slice(-places).replace(/0+$/, '').padEnd(fewest, '0')]
  return fraction === '' ? whole : `${whole}.${fraction}`
}
