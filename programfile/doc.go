// Package programfile publishes programs that stand in files, and publishes them again
// when the files change:
//
//	files, err := programfile.New(engine, os.DirFS("/etc/shop"), "*.json")
//	if err != nil {
//		return err
//	}
//	if err := files.Publish(ctx); err != nil {
//		return err // what is wrong, with file, line and column
//	}
//	ctx, end := context.WithCancel(ctx) // the first to end ends the other
//	defer end()
//	var wg sync.WaitGroup
//	var watched, worked error
//	wg.Go(func() { defer end(); watched = files.Run(ctx) }) // looks first after ten seconds
//	wg.Go(func() { defer end(); worked = worker.Run(ctx) })
//	wg.Wait()
//	return errors.Join(watched, worked)
//
// examples/service shows it in a whole service.
//
// Several files are one program: their messages, segments, caps and series stand side by
// side, in the order of the files' names. What there is one of, such as the timezone,
// stands in one file.
//
// A program that is wrong is reported once, and the engine keeps the one that it has. In
// several processes each publishes for its own engine: publishing a program again changes
// nothing of what the store remembers.
package programfile
