import { Component, type ErrorInfo, type ReactNode } from 'react'
import { ErrorState } from '../ui/error-state.tsx'

interface BoundaryProps {
  /** A change of this value tries again, such as the place that is shown. */
  readonly resetKey: string
  readonly children: ReactNode
}

/** Keeps a defect in one screen from taking the window down: says so and lets the person go on. */
export class ErrorBoundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error('A screen failed', error, info.componentStack)
  }

  override componentDidUpdate(previous: BoundaryProps) {
    if (this.state.failed && previous.resetKey !== this.props.resetKey) this.setState({ failed: false })
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <ErrorState
        error={{
          code: 'internal',
          message: 'This screen could not be shown.',
          action: 'Your work is saved. Try again, or go on with another screen.',
        }}
        onRetry={() => this.setState({ failed: false })}
      />
    )
  }
}
