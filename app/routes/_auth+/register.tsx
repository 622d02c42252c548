import { redirect, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { DeviceSignIns } from '../../features/identity/auth/device-sign-ins.tsx'
import { nextPath } from '../../features/identity/auth/next-path.ts'
import { ProviderLinks } from '../../features/identity/auth/provider-links.tsx'
import { RegisterForm } from '../../features/identity/auth/register-form.tsx'
import { findVisitor, originOf, readProviders } from '../../http/page.server.ts'

export const meta: MetaFunction = () => [{ title: 'Create an account · Agentbot' }]

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user } = await findVisitor(request, context)
  if (user) throw redirect(nextPath(new URL(request.url).searchParams.get('next')))
  return { signups: context.platform.env.SIGNUPS, origin: originOf(context), providers: await readProviders(request, context) }
}

export default function RegisterPage() {
  const { signups, origin, providers } = useLoaderData<typeof loader>()
  return (
    <>
      <h1>Create an account</h1>
      {signups !== 'closed' && <ProviderLinks providers={providers} />}
      <RegisterForm signups={signups} />
      {signups !== 'closed' && <DeviceSignIns origin={origin} />}
    </>
  )
}
