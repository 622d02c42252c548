import { formatDecimal, parseDecimal } from './decimals.contract.ts'

/** Hundredths of a percent: 10000 are the whole. */
export const WHOLE_BASIS_POINTS = 10_000

/** Whether a number of percent has at most two places, so that it is a whole number of basis points. */
export const isPercentNumber = (percent: number): boolean => /^\d+(\.\d{1,2})?$/.test(String(percent))

/** 12.5 percent are 1250 basis points. @throws RangeError for more than two places */
export const basisPointsOf = (percent: number): number => Number(parseDecimal(String(percent), 2))

/** And back, for answers. */
export const percentOf = (basisPoints: number): number => Number(formatDecimal(basisPoints, 2, 0))
