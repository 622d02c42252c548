const PENCE_PER_POUND = 100

/** A price in whole pounds, in pence. */
export const penceOfPounds = (pounds: number): number => pounds * PENCE_PER_POUND
