package org.palimpsest.report.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGGraphics2DIOException;
import org.jfree.chart.ChartRenderingInfo;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.ui.RectangleInsets;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.text.VisibleText;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * A finished picture, to be written as PNG or SVG from the same drawing. Needs no display.
 *
 * <p>Lengths are in points, of which a PNG has two pixels each. A PNG is 8 bits a channel without
 * transparency. In an SVG texts are text, as wide as they were measured whatever fonts its reader
 * has, images are embedded, and nothing is loaded from elsewhere. Characters that cannot be seen or
 * that turn the direction of writing are shown by their code points, so that names from files
 * cannot change how a picture reads.
 *
 * <p>Files are written whole or not at all, replace what was there, and are equal for equal
 * pictures on machines with the same fonts. Immutable.
 */
public final class Figure {

  private static final int PIXELS_PER_POINT = 2;
  private static final String NOT_XML = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]";

  /** First the one that Java most often draws with, then one as wide. */
  private static final String FAMILIES = "'DejaVu Sans', Verdana, sans-serif";

  private static final String SVG = "http://www.w3.org/2000/svg";

  /** What an SVG says of a place under the pointer. */
  record Hover(Rectangle2D place, String text) {

    private void addTo(Element root) {
      Element area = root.getOwnerDocument().createElementNS(SVG, "rect");
      area.setAttribute("x", rounded(place.getX()));
      area.setAttribute("y", rounded(place.getY()));
      area.setAttribute("width", rounded(place.getWidth()));
      area.setAttribute("height", rounded(place.getHeight()));
      area.setAttribute("fill", "none");
      area.setAttribute("stroke", "none");
      area.setAttribute("pointer-events", "all");
      Element title = root.getOwnerDocument().createElementNS(SVG, "title");
      title.setTextContent(VisibleText.of(text));
      area.appendChild(title);
      root.appendChild(area);
    }

    private static String rounded(double length) {
      return String.valueOf(Math.rint(100 * length) / 100);
    }
  }

  private final List<Part> parts;
  private final List<Hover> hovers;

  private Figure(List<Part> parts, List<Hover> hovers) {
    this.parts = List.copyOf(parts);
    this.hovers = List.copyOf(hovers);
  }

  /** With what an SVG says under the pointer. */
  Figure withHovers(List<Hover> more) {
    return new Figure(parts, more);
  }

  static Figure of(JFreeChart chart, int width, int height) {
    return new Figure(List.of(new Panel(chart, new Rectangle(width, height))), List.of());
  }

  /** What no chart draws: drawn by hand, from (0, 0) to this width and height in points. */
  static Figure of(int width, int height, Consumer<Graphics2D> drawing) {
    return new Figure(List.of(new Sketch(new Rectangle(width, height), drawing)), List.of());
  }

  /**
   * This picture with another to its right, the plots of charts at one height, and nothing under
   * the pointer.
   */
  public Figure beside(Figure other) {
    int height = Math.max(height(), other.height());
    double top = Math.max(firstTop(height), other.firstTop(height));
    double bottom = Math.min(firstBottom(height), other.firstBottom(height));
    List<Part> all = new ArrayList<>();
    parts.forEach(part -> all.add(beside(part, 0, height, top, bottom)));
    other.parts.forEach(part -> all.add(beside(part, width(), height, top, bottom)));
    return new Figure(all, List.of());
  }

  private static Part beside(Part part, int right, int height, double top, double bottom) {
    return part instanceof Panel panel
        ? panel.aligned(right, height, top, bottom)
        : part.moved(right, 0);
  }

  private double firstTop(int height) {
    return firstChart().map(p -> p.withHeight(height).dataArea().getMinY()).orElse(0.0);
  }

  private double firstBottom(int height) {
    return firstChart().map(p -> p.withHeight(height).dataArea().getMaxY()).orElse((double) height);
  }

  private Optional<Panel> firstChart() {
    return parts.stream().filter(Panel.class::isInstance).map(Panel.class::cast).findFirst();
  }

  /** Width in points. */
  public int width() {
    return size().width;
  }

  /** Height in points. */
  public int height() {
    return size().height;
  }

  private Rectangle size() {
    Rectangle size = new Rectangle();
    parts.forEach(part -> size.add(part.place()));
    return size;
  }

  /**
   * Writes it as PNG, two pixels to a point.
   *
   * @throws PalimpsestException if it cannot be written; then nothing is left
   */
  public void writePng(Path file) {
    byte[] png = png();
    AtomicFile.write(file, out -> out.write(png));
  }

  /** It as PNG, two pixels to a point. */
  public byte[] png() {
    return Png.bytes(image());
  }

  /**
   * It as PNG of at most 256 colours, a third of the size: those that fill the picture are kept,
   * and others, of edges and gradients, give way to one that is hardly different.
   */
  public byte[] smallPng() {
    return Png.smallBytes(image());
  }

  private BufferedImage image() {
    Rectangle size = size();
    BufferedImage image =
        new BufferedImage(
            size.width * PIXELS_PER_POINT,
            size.height * PIXELS_PER_POINT,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(PIXELS_PER_POINT, PIXELS_PER_POINT);
    draw(graphics, size);
    graphics.dispose();
    return image;
  }

  /**
   * Writes it as SVG, its texts as text.
   *
   * @throws PalimpsestException if it cannot be written; then nothing is left
   */
  public void writeSvg(Path file) {
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(emptyDocument());
    context.setImageHandler(new Png());
    SVGGraphics2D graphics = new SVGGraphics2D(context, false);
    Rectangle size = size();
    graphics.setSVGCanvasSize(size.getSize());
    draw(graphics, size);
    AtomicFile.write(file, text(graphics));
  }

  private static Document emptyDocument() {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument(SVG, "svg", null);
    } catch (ParserConfigurationException impossible) {
      throw new IllegalStateException("every Java runtime makes documents", impossible);
    }
  }

  /** Without the type of the document, which some readers would ask the network for. */
  private String text(SVGGraphics2D graphics) {
    StringWriter text = new StringWriter();
    try {
      Element root = graphics.getRoot();
      keepWidths(root);
      hovers.forEach(hover -> hover.addTo(root));
      graphics.stream(root, text, false, false);
    } catch (SVGGraphics2DIOException impossible) {
      throw new UncheckedIOException("a text in memory can be written", impossible);
    }
    return text.toString().replaceFirst("<!DOCTYPE[^>]*>\\s*", "").replaceAll(NOT_XML, "\ufffd");
  }

  /** Where a chart of this size draws its data. */
  static Rectangle2D dataArea(JFreeChart chart, Rectangle2D place) {
    ChartRenderingInfo info = new ChartRenderingInfo(null);
    Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    measureExactly(graphics);
    chart.draw(graphics, place, null, info);
    graphics.dispose();
    return info.getPlotInfo().getDataArea();
  }

  /** Makes texts as wide on this canvas as on every other, and curves smooth. */
  private static void measureExactly(Graphics2D graphics) {
    graphics.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  private void draw(Graphics2D graphics, Rectangle size) {
    measureExactly(graphics);
    graphics.setColor(Color.WHITE);
    graphics.fill(size);
    parts.forEach(part -> part.draw(graphics));
  }

  private static void keepWidths(Element root) {
    keepWidths(root, 12, false);
  }

  private static void keepWidths(Element element, double inheritedSize, boolean inheritedBold) {
    if (element.getAttribute("font-family").equals("sans-serif")) {
      element.setAttribute("font-family", FAMILIES);
    }
    String size = element.getAttribute("font-size");
    String weight = element.getAttribute("font-weight");
    double points = size.isEmpty() ? inheritedSize : Double.parseDouble(size.replace("px", ""));
    boolean bold = weight.isEmpty() ? inheritedBold : weight.equals("bold");
    if (element.getTagName().equals("text")) {
      double width = HouseStyle.width(element.getTextContent(), font(points, bold));
      if (width > 0) {
        element.setAttribute("textLength", String.valueOf(Math.rint(100 * width) / 100));
        element.setAttribute("lengthAdjust", "spacingAndGlyphs");
      }
      return;
    }
    for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element inner) {
        keepWidths(inner, points, bold);
      }
    }
  }

  private static Font font(double points, boolean bold) {
    return new Font(Font.SANS_SERIF, bold ? Font.BOLD : Font.PLAIN, 1).deriveFont((float) points);
  }

  /** Something in a figure, at its place. */
  private sealed interface Part {

    /** In points. */
    Rectangle place();

    void draw(Graphics2D graphics);

    Part moved(int right, int down);
  }

  /**
   * One chart and its place in a figure.
   *
   * @param place in points
   */
  private record Panel(JFreeChart chart, Rectangle place) implements Part {

    @Override
    public void draw(Graphics2D graphics) {
      chart.draw(graphics, place);
    }

    @Override
    public Part moved(int right, int down) {
      Rectangle there = new Rectangle(place);
      there.translate(right, down);
      return new Panel(chart, there);
    }

    Rectangle2D dataArea() {
      return Figure.dataArea(chart, place);
    }

    Panel withHeight(int height) {
      return new Panel(chart, new Rectangle(place.x, place.y, place.width, height));
    }

    /** This panel moved to the right, its plot between the given heights. */
    Panel aligned(int right, int height, double top, double bottom) {
      Panel tall = withHeight(height);
      Rectangle2D area = tall.dataArea();
      RectangleInsets old = chart.getPadding();
      JFreeChart copy = copyOfChart();
      copy.setPadding(
          new RectangleInsets(
              old.getTop() + top - area.getMinY(),
              old.getLeft(),
              old.getBottom() + area.getMaxY() - bottom,
              old.getRight()));
      tall.place().translate(right, 0);
      return new Panel(copy, tall.place());
    }

    private JFreeChart copyOfChart() {
      try {
        return (JFreeChart) chart.clone();
      } catch (CloneNotSupportedException impossible) {
        throw new IllegalStateException("every part of these charts can be copied", impossible);
      }
    }
  }

  /**
   * What is drawn line by line, since no chart does it.
   *
   * @param place in points
   * @param drawing draws it as if its place began at (0, 0)
   */
  private record Sketch(Rectangle place, Consumer<Graphics2D> drawing) implements Part {

    @Override
    public void draw(Graphics2D graphics) {
      Graphics2D own = (Graphics2D) graphics.create();
      own.translate(place.x, place.y);
      drawing.accept(own);
      own.dispose();
    }

    @Override
    public Part moved(int right, int down) {
      Rectangle there = new Rectangle(place);
      there.translate(right, down);
      return new Sketch(there, drawing);
    }
  }
}
