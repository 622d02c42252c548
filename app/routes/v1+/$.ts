import { unknownPath } from '../../http/unknown-path.server.ts'

export const loader = unknownPath
export const action = loader
