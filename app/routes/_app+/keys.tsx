import type { MetaFunction } from '@remix-run/node'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { CreateKeyDialog } from '../../features/identity/keys/create-key-dialog.tsx'
import { KeyList } from '../../features/identity/keys/key-list.tsx'
import { useMay } from '../../workspace/workspace.ts'
import { Button } from '../../ui/button.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'API keys · Agentbot' }]

export default function KeysPage() {
  const mayCreate = useMay('keys:write')
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <PageHeader
        title="API keys"
        actions={
          mayCreate && (
            <Button look="primary" onClick={() => setOpen(true)}>
              <Plus size={16} aria-hidden /> New key
            </Button>
          )
        }
      >
        Programs use them to do what you can do here.
      </PageHeader>
      <KeyList onCreate={() => setOpen(true)} />
      <CreateKeyDialog isOpen={isOpen} onOpenChange={setOpen} />
    </>
  )
}
