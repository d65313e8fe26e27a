package org.palimpsest.report.page;

import org.palimpsest.report.plot.Figure;

/**
 * A picture that the table alone cannot give, such as filters before and after.
 *
 * @param name what its files are called, without an ending
 * @param caption what a reader sees in it
 * @param figure the picture
 */
public record ReportPicture(String name, String caption, Figure figure) {}
