import { formatDecimal, parseDecimal } from './decimals.contract.ts'
import { requireWhole, type MicroUsd, type TokenUnits } from './units.contract.ts'

/** The units a decimal says, of a token with so many places (USDC has 6, ether 18). @throws RangeError for more places than that. */
export const parseTokenUnits = (text: string, decimals: number): TokenUnits => parseDecimal(text, decimals)

/** An amount (0 or more) of a token as a decimal, without zeros at its end beyond `fewest` places: 1500000 USDC is "1.5". */
export const formatTokenUnits = (units: TokenUnits, decimals: number, fewest = 0): string => formatDecimal(units, decimals, fewest)

/** Tokens of six places that are worth a dollar each (USDC, pathUSD) in millionths of a dollar. @throws RangeError beyond what is exact. */
export const microUsdOfUnits = (units: TokenUnits): MicroUsd => requireWhole(Number(units))

/** And back. */
export const unitsOfMicroUsd = (microUsd: MicroUsd): TokenUnits => BigInt(microUsd)

/** Places of USDC, on every chain that has it. */
export const USDC_DECIMALS = 6

/** USDC as a JSON number says it: 357.5 is 357500000 units. @throws RangeError for more than six places, or no plain decimal */
export const usdcUnitsOfNumber = (usdc: number): TokenUnits => parseDecimal(String(usdc), USDC_DECIMALS)

/** USDC as a number, for answers that carry one; nothing is computed with it. */
export const usdcAsNumber = (units: TokenUnits): number => Number(formatDecimal(units, USDC_DECIMALS, 0))

/** Whether a number is an amount of USDC: not below zero, with at most six places. */
export const isUsdcNumber = (usdc: number): boolean => /^\d+(\.\d{1,6})?$/.test(String(usdc))

/** So many at so much each, both with at most six places: rounded down to a whole unit. @throws RangeError for more places */
export const usdcUnitsOfProduct = (count: number, usdcEach: number): TokenUnits =>
  (parseDecimal(String(count), 6) * parseDecimal(String(usdcEach), USDC_DECIMALS)) / 10n ** 6n
