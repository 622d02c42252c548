import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { describeError } from '../../../trpc/errors.ts'
import { useTRPCClient } from '../../../trpc/client.tsx'
import { askForPasskey, forgetPasskey, isDismissal, offersAutofill, stopAsking } from './browser-passkeys.ts'

/** A challenge is good for five minutes, and a form can be open for longer. */
const RENEW_MS = 4 * 60_000

interface PasskeySignIn {
  start(): void
  isBusy: boolean
  /** Null also when somebody closed the browser's dialog. */
  error: unknown
}

/**
 * Signing in with a passkey: by a button, and by the list of what the browser can fill into the form (its email field says
 * `webauthn` in `autocomplete`).
 */
export function usePasskeySignIn(onSignedIn: () => void): PasskeySignIn {
  const client = useTRPCClient()
  const signIn = async (isAutofill: boolean) => {
    const { options, challenge } = await client.passkeys.startSignIn.mutate({})
    const response = await askForPasskey(options, isAutofill)
    try {
      return await client.passkeys.signIn.mutate({ response, challenge })
    } catch (error) {
      if (describeError(error).code === 'PASSKEY_NOT_FOUND') await forgetPasskey(response.id)
      throw error
    }
  }
  const autofill = useMutation({ mutationFn: () => signIn(true), onSuccess: onSignedIn })
  // The browser does one thing at a time: its dialog ends what it offers in the form.
  const button = useMutation({ mutationFn: () => signIn(false), onSuccess: onSignedIn, onError: () => autofill.mutate() })

  const { mutate: offer } = autofill
  useEffect(() => {
    let renewal: ReturnType<typeof setInterval> | undefined
    let isGone = false
    void offersAutofill().then((isOffered) => {
      if (!isOffered || isGone) return
      offer()
      renewal = setInterval(offer, RENEW_MS)
    })
    return () => {
      isGone = true
      clearInterval(renewal)
      stopAsking()
    }
  }, [offer])

  const error = [button.error, autofill.error].find((one) => one !== null && !isDismissal(one)) ?? null
  return { start: () => button.mutate(), isBusy: button.isPending || button.isSuccess, error }
}
