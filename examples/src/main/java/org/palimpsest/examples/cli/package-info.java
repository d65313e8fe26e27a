/** The command line: one class per command, and the manners that they share. */
@NullMarked
package org.palimpsest.examples.cli;

import org.jspecify.annotations.NullMarked;
