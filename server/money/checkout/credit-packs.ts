/** What is sold for credit without a price of the operator's: credits, and what they cost in US cents. One credit is one dollar. */
export const packs = {
  '50': { credits: 5, cents: 500 },
  '200': { credits: 15, cents: 1500 },
  '500': { credits: 30, cents: 3000 },
} as const
