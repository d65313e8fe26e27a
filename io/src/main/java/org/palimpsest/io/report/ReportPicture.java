package org.palimpsest.io.report;

import org.palimpsest.io.plot.Figure;

/**
 * A picture that the table alone cannot give, such as filters before and after.
 *
 * @param name what its files are called, without an ending
 * @param caption what a reader sees in it
 * @param figure the picture
 */
public record ReportPicture(String name, String caption, Figure figure) {}
