/** The experiments as commands: options, progress, and what is printed. */
@NullMarked
package org.palimpsest.reproduction.commands;

import org.jspecify.annotations.NullMarked;
