import { useSearchParams } from '@remix-run/react'
import type { SignInProviderFacts } from '../../../../server/identity/oauth/oauth.contract.ts'
import { ButtonLink } from '../../../ui/button.tsx'

/** Ways to sign in elsewhere. They are links, because a form may not lead away from this server. */
export function ProviderLinks({ providers }: { providers: SignInProviderFacts[] }) {
  const [params] = useSearchParams()
  if (providers.length === 0) return null
  const passedOn = new URLSearchParams([...params].filter(([name]) => name === 'next' || name === 'ref'))
  const query = passedOn.size > 0 ? `?${passedOn}` : ''
  return (
    <div className="grid gap-3">
      {providers.map(({ id, name, startUrl }) => (
        <ButtonLink key={id} to={startUrl + query} reloadDocument>
          Continue with {name}
        </ButtonLink>
      ))}
      <p className="flex items-center gap-3 text-sm text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </p>
    </div>
  )
}
