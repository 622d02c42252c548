/** Ether for people, without what comes after the eighth place: of eighteen nobody reads the rest. */
export const shortEther = (amount: string): string => amount.replace(/(\.\d{8})\d+$/, '$1…')
