import type { Letter } from '#server/integrations/mail/index.ts'

// None of them repeats a name somebody has chosen: anybody can have them sent to any address.

const onceForAnHour = 'The link works once, for an hour.'

export const resetLetter = (link: string): Letter => ({
  subject: 'Choose a new password',
  parts: [
    'Somebody, probably you, has forgotten the password of the account with this address.',
    { link, label: 'Choose a new password' },
    `${onceForAnHour} If it was not you, do nothing: your password stays as it is.`,
  ],
})

export const verifyLetter = (link: string): Letter => ({
  subject: 'Confirm your address',
  parts: [
    'This address was given for an account here.',
    { link, label: 'Confirm the address' },
    `${onceForAnHour} If it was not you, do nothing: the address then stays unconfirmed.`,
  ],
})

export const passwordResetLetter = (forgotLink: string): Letter => ({
  subject: 'Your password was changed',
  parts: [
    'A new password was chosen for your account, by a link that was sent to this address. Everybody was signed out.',
    'If it was not you, somebody else can read your mail. Secure your mailbox first, then choose another password:',
    { link: forgotLink, label: 'Choose another password' },
  ],
})

export const passwordChangedLetter = (forgotLink: string): Letter => ({
  subject: 'Your password was changed',
  parts: [
    'The password of your account was changed by somebody who is signed in and knew the one before.',
    'If it was not you, choose another one at once; that signs everybody out:',
    { link: forgotLink, label: 'Choose another password' },
  ],
})

export const addressChangedLetter = (): Letter => ({
  subject: 'Your account has another address now',
  parts: [
    'The address of your account was changed by somebody who is signed in and knows its password. Mail goes to the new address from now on.',
    'If it was not you, tell whoever runs this server: links to choose a password are no longer sent here.',
  ],
})
