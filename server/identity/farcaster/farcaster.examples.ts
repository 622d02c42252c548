import { refreshCard, verifyCard } from './cards.ts'

const address = '0x52908400098527886E0F7030069857D2E4169EE7'
const sessionToken = 'eyJmaWQiOjIwNDE3fQ.c2lnbmVkIGJ5IHRoaXMgc2VydmVy'

export const examples = {
  describeVerify: { input: {}, output: verifyCard },
  describeRefresh: { input: {}, output: refreshCard },
  verify: {
    input: { fidToken: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOjIwNDE3fQ.c2lnbmVkIGJ5IEZhcmNhc3Rlcg', address },
    output: { success: true, sessionToken, address, message: 'Verified.', tokenGated: true, accessLevel: 'premium' },
  },
  refresh: {
    input: { refreshToken: sessionToken },
    output: { success: true, sessionToken, expiresIn: 86_400, message: 'Renewed.' },
  },
} as const
