/** What takes MPP payments needs a second and 170 MB to load: it is loaded for the first call that needs it. */
export const loadMpp = () => import('./mpp.service.ts')
