/**
 * Foundations used by every module: the exceptions that reach users, file writing and reading, settings, parallel work
 * and random numbers.
 *
 * <ul>
 *   <li>{@link dev.preceptor.base.PreceptorException} and its subclasses carry one-line messages for users; {@link
 *       dev.preceptor.base.ErrorLine} and {@link dev.preceptor.base.Reason} phrase errors of Java and of libraries.
 *   <li>{@link dev.preceptor.base.AtomicFiles} writes files that are complete or absent; {@link
 *       dev.preceptor.base.JsonFiles}, {@link dev.preceptor.base.TextFile} and {@link dev.preceptor.base.TreeParser} read
 *       text with bounds on its size.
 *   <li>{@link dev.preceptor.base.Settings} and {@link dev.preceptor.base.NamedBlock} bind recipes to records.
 *   <li>{@link dev.preceptor.base.RandomStreams} derives independent random streams from one seed by name.
 * </ul>
 *
 * <p>This package depends on no other package of Preceptor.
 */
package dev.preceptor.base;
