import { exampleIds } from '#server/platform/operations/index.ts'

const email = 'ines@example.org'
const password = 'old-harbour-light'

const profile = {
  id: exampleIds.account,
  email,
  name: 'Ines Vale',
  plan: 'solo',
  credits: 4.5,
  twoFactorEnabled: false,
  openclaw: { managed: true, instanceId: exampleIds.agent, url: `https://agents.example.org/agents/${exampleIds.agent}` },
  notifications: { weeklyReport: true },
  referralCode: 'KXM39PRR',
  referral: { status: 'credited', credits: 10 },
  referrals: { pending: 1, credited: 0, limit: 10 },
} as const

export const examples = {
  register: {
    input: { email, password, name: 'Ines Vale' },
    output: { id: exampleIds.account, email, name: 'Ines Vale', referral: null },
  },
  signIn: { input: { email, password }, output: { id: exampleIds.account, name: 'Ines Vale' } },
  session: { input: {}, output: { user: { id: exampleIds.account, name: 'Ines Vale', email, isAdmin: false } } },
  signOut: { input: {}, output: { ok: true } },
  profile: { input: {}, output: profile },
  updateProfile: { input: { name: 'Ines Vale' }, output: profile },
  patchProfile: { input: { name: 'Ines Vale', notifications: { weeklyReport: true } }, output: profile },
  changePassword: { input: { currentPassword: password, newPassword: 'new-harbour-light' }, output: { success: true } },
} as const
