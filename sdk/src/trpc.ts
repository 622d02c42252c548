export type * from './generated/router.ts'
