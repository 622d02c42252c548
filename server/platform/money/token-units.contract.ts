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
