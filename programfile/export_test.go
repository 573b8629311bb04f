package programfile

import "context"

// Tick looks once, as Run does.
func (f *Files) Tick(ctx context.Context) { _ = f.tick(ctx) }
