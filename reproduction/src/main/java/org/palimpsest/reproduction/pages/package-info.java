/** What an experiment found, and its form as tables, pictures, Markdown and HTML. */
@NullMarked
package org.palimpsest.reproduction.pages;

import org.jspecify.annotations.NullMarked;
