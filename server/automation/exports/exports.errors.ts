import { AppError } from '#server/platform/core/index.ts'

export class ExportRunning extends AppError {
  constructor() {
    super('conflict', 'EXPORT_RUNNING', 'An export of this workspace is being prepared already.')
  }
}

export class ExportNotFound extends AppError {
  constructor(exportId: string) {
    super('not_found', 'EXPORT_NOT_FOUND', `There is no export "${exportId}", or its archive is no longer kept.`, { exportId })
  }
}
