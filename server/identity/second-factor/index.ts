export { takeCode } from './codes.service.ts'
export { TwoFactorRequired } from './second-factor.errors.ts'
export { hasSecondFactor } from './second-factor.service.ts'
export { checkSecondFactor } from './sign-in.service.ts'
