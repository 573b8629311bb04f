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
//	return files.Run(ctx) // beside the worker: looks every ten seconds whether they changed
//
// Several files are one program: their messages, segments, caps and series stand side by
// side, in the order of the files' names. What there is one of, such as the timezone,
// stands in one file.
//
// A program that is wrong is reported once, and the engine keeps the one that it has. In
// several processes each publishes for its own engine: publishing a program again changes
// nothing of what the store remembers.
package programfile
