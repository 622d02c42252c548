import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './exports.contract.ts'
import { examples } from './exports.examples.ts'
import * as service from './exports.service.ts'

const reads = { access: 'session', scope: 'workspace:own', bucket: 'general' } as const

export const exports = {
  create: defineMutation({
    name: 'exports.create',
    summary: 'Export everything the workspace has',
    description:
      'The archive (tar.gz) has a list of rows in JSON for each table and the uploaded files, and no secrets. It is made in the background and kept for a day; three a day.',
    access: 'fresh',
    scope: 'workspace:own',
    bucket: 'general',
    input: contract.Nothing,
    output: contract.WorkspaceExport,
    example: examples.create,
    run: service.exportWorkspace,
  }),
  list: defineQuery({
    ...reads,
    name: 'exports.list',
    summary: 'List exports of the workspace',
    input: contract.Nothing,
    output: contract.WorkspaceExportList,
    example: examples.list,
    run: service.listExports,
  }),
  get: defineQuery({
    ...reads,
    name: 'exports.get',
    summary: 'See how far an export is',
    input: contract.ExportRef,
    output: contract.WorkspaceExport,
    example: examples.get,
    run: service.getExport,
  }),
}
