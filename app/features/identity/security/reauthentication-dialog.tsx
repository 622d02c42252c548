import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import type { WaysToReauthenticate } from '../../../../server/identity/sessions/sessions.contract.ts'
import { useReauthenticationQuestion, useTRPC } from '../../../trpc/client.tsx'
import { describeError } from '../../../trpc/errors.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { capitalise } from '../../../ui/form.ts'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'

const never = () => () => undefined

/** Asks for a proof before what a session that was left open must not be able to do; the call that needs it then goes on. */
export function ReauthenticationDialog() {
  const question = useReauthenticationQuestion()
  const isOpen = useSyncExternalStore(
    question?.subscribe ?? never,
    () => question?.isOpen() ?? false,
    () => false,
  )
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(isOpen) => !isOpen && question?.answer(false)}
      title="Is it you?"
      description="This needs a proof, because your last sign-in is more than 15 minutes ago."
    >
      {isOpen && <Ways onProved={() => question?.answer(true)} onCancel={() => question?.answer(false)} />}
    </Dialog>
  )
}

interface WaysProps {
  onProved(): void
  onCancel(): void
}

function Ways(props: WaysProps) {
  const trpc = useTRPC()
  const ways = useQuery(trpc.sessions.waysToReauthenticate.queryOptions())
  if (ways.isError) return <ErrorNotice error={ways.error} onRetry={() => void ways.refetch()} />
  return ways.data ? <Proof ways={ways.data} {...props} /> : <SkeletonList rows={1} />
}

function Proof({ ways, onProved, onCancel }: WaysProps & { ways: WaysToReauthenticate }) {
  const trpc = useTRPC()
  const [kind, setKind] = useState<'password' | 'code'>(ways.password ? 'password' : 'code')
  const [text, setText] = useState('')
  const prove = useMutation(trpc.sessions.reauthenticate.mutationOptions({ onSuccess: onProved, onError: () => setText('') }))
  if (!ways.password && !ways.code) return <SignInAnew onCancel={onCancel} />
  const fields = prove.isError ? describeError(prove.error).fields : []
  return (
    <form
      noValidate
      method="post"
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        // A form in a dialog of React is also a part of the form that opened it.
        event.stopPropagation()
        prove.mutate(kind === 'password' ? { password: text } : { code: text })
      }}
    >
      {prove.isError && fields.length === 0 && <ErrorNotice error={prove.error} />}
      <TextField
        key={kind}
        label={kind === 'password' ? 'Password' : 'Code'}
        type={kind === 'password' ? 'password' : 'text'}
        autoComplete={kind === 'password' ? 'current-password' : 'one-time-code'}
        hint={kind === 'code' && 'The 6 digits your authenticator app shows, or a recovery code.'}
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        error={fields[0] && capitalise(fields[0].message)}
      />
      {ways.password && ways.code && (
        <Button
          look="quiet"
          className="justify-self-start"
          onClick={() => {
            setText('')
            prove.reset()
            setKind(kind === 'password' ? 'code' : 'password')
          }}
        >
          {kind === 'password' ? 'Use a code instead' : 'Use the password instead'}
        </Button>
      )}
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={prove.isPending}>
          Continue
        </Button>
      </DialogActions>
    </form>
  )
}

/** For who has neither: a new sign-in is a proof too. */
function SignInAnew({ onCancel }: { onCancel(): void }) {
  const trpc = useTRPC()
  const signOut = useMutation(
    trpc.accounts.signOut.mutationOptions({
      onSuccess: () => {
        const { pathname, search } = window.location
        window.location.assign(`/login?next=${encodeURIComponent(pathname + search)}`)
      },
    }),
  )
  return (
    <div className="grid gap-4">
      {signOut.isError && <ErrorNotice error={signOut.error} />}
      <p className="text-sm">You have no password and no authenticator app. Sign in anew, then do this again.</p>
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="primary" isBusy={signOut.isPending || signOut.isSuccess} onClick={() => signOut.mutate()}>
          Sign in anew
        </Button>
      </DialogActions>
    </div>
  )
}
