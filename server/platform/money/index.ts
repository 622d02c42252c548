export { WHOLE_BASIS_POINTS, basisPointsOf, percentOf } from './percent.contract.ts'
export { formatMoney, penceOfPounds } from './currencies.contract.ts'
export { costAtPrices, tokensWithin } from './prices.ts'
export { divide, shareOf } from './shares.ts'
export {
  formatTokenUnits,
  microUsdOfUnits,
  parseTokenUnits,
  unitsOfMicroUsd,
  usdcAsNumber,
  usdcUnitsOfNumber,
  usdcUnitsOfProduct,
  USDC_DECIMALS,
} from './token-units.contract.ts'
export { type Cents, type MicroUsd, type NanoUsd, type TokenUnits, requireWhole } from './units.contract.ts'
export {
  formatNanoUsd,
  formatUsd,
  microUsdAsNumber,
  microUsdOfCents,
  microUsdOfDollars,
  microUsdWithin,
  nanoUsdAsCents,
  nanoUsdAsNumber,
  nanoUsdOfCents,
  nanoUsdOfMicroUsd,
  nanoUsdOfNumber,
  parseUsd,
  readNanoUsd,
} from './usd.contract.ts'
