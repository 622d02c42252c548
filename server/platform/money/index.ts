export { formatMoney, penceOfPounds } from './currencies.contract.ts'
export { costAtPrices, tokensWithin } from './prices.ts'
export { WHOLE_BASIS_POINTS, divide, shareOf } from './shares.ts'
export { formatTokenUnits, microUsdOfUnits, parseTokenUnits, unitsOfMicroUsd } from './token-units.contract.ts'
export { type Cents, type Pence, type MicroUsd, type NanoUsd, type TokenUnits, requireWhole } from './units.contract.ts'
export {
  formatCents,
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
