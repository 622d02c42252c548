/** Loaded for the first call that needs it, as what takes MPP payments is. */
export const loadX402 = () => import('./x402.service.ts')
