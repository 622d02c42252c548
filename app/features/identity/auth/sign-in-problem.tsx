import { useSearchParams } from '@remix-run/react'
import { Notice } from '../../../ui/notice.tsx'

/** By the code of the failure: the words are not in the address, where anybody could write them. */
const words: Record<string, string> = {
  ACCOUNT_EXISTS: 'There is an account with that address already. Sign in to it first, then connect the other one in the settings.',
  IDENTITY_TAKEN: 'That sign-in is connected already, with this account or another one.',
  IDENTITY_LIMIT_REACHED: 'You have as many sign-ins elsewhere as one can. Unlink one first.',
  INVITE_REQUIRED: 'New accounts are by invitation here: register with the referral code of somebody who has one.',
  LINK_NEEDS_SESSION: 'You are not signed in any more as whoever asked to connect this. Sign in and start again.',
  PROVIDER_NOT_CONFIGURED: 'Signing in that way is not set up here.',
  RATE_LIMITED: 'That was tried too often. Wait a minute, then try again.',
  SIGNUPS_CLOSED: 'This server takes no new accounts. Ask whoever runs it.',
  SIGN_IN_EXPIRED: 'That sign-in was not started in this browser, or has taken too long. Start again.',
  SIGN_IN_PROVIDER_UNAVAILABLE: 'The other service cannot be asked at the moment. Try again shortly.',
  SIGN_IN_REFUSED: 'The other service did not sign you in, or you cancelled it there.',
  SUSPENDED: 'This account is suspended. Ask whoever runs this server.',
}

/** What went wrong with a sign-in elsewhere that ended here. */
export function SignInProblem() {
  const [params] = useSearchParams()
  const problem = params.get('problem')
  if (problem === null) return null
  return (
    <div role="alert">
      <Notice tone="danger">{words[problem] ?? 'Signing in that way did not work.'}</Notice>
    </div>
  )
}
