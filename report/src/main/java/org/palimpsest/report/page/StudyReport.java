package org.palimpsest.report.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.MadeFiles;
import org.palimpsest.internal.text.Html;
import org.palimpsest.report.plot.Figure;

/**
 * What a study found out, for people: one page, {@code report.html}, that holds all it needs and
 * asks no network for anything; and a folder {@code pictures} with each view and measure as PNG and
 * SVG.
 *
 * <pre>
 * StudyReport.of(table, Facts.of("Transfer from membranes to vessels", "8 held-out images"))
 *     .write(folder);
 * </pre>
 *
 * <p>The page shows lines over training, heat maps of layers × layers and steps × steps with
 * controls, tables of final values, the comparison of groups, weights and filters, what failed, and
 * where everything comes from (files with hashes, probes, versions, how to cite a figure). Sections
 * for which the table has nothing are left out. Tables can be read without scripts. Browsers are
 * told by a content security policy to load nothing and to run the page's own scripts alone; every
 * text of the study is escaped.
 *
 * <p>Matrices of the page have two bytes a value, and of very large studies fewer steps than the
 * table, which the page then tells: it takes about ten megabytes at most. The page is written in
 * about a second; the pictures, which are drawn in parallel, take longer.
 *
 * <p>Equal tables and facts give equal files. Immutable: each {@code with…} gives a changed copy.
 */
public final class StudyReport {

  /**
   * A picture that the table alone cannot give, such as filters before and after.
   *
   * @param name what its files are called, without an ending
   * @param caption what a reader sees in it
   * @param figure the picture
   */
  public record Picture(String name, String caption, Figure figure) {}

  /** What the page is called. */
  public static final String PAGE = "report.html";

  private static final String PICTURES = "pictures";
  private static final String LIST = ".study";
  private static final String ECHARTS =
      "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";
  private static final List<String> SCRIPTS =
      List.of("data.js", "look.js", "charts.js", "controls.js", "page.js");
  private static final List<Path> NONE = List.of();

  private final EvolutionTable table;
  private final Facts facts;
  private final List<Picture> pictures;
  private final StudyIndex index;

  private StudyReport(EvolutionTable table, Facts facts, List<Picture> pictures, StudyIndex index) {
    this.table = table;
    this.facts = facts;
    this.pictures = List.copyOf(pictures);
    this.index = index;
  }

  /** A report of all that the table holds. */
  public static StudyReport of(EvolutionTable table, Facts facts) {
    return new StudyReport(table, facts, List.of(), new StudyIndex(table));
  }

  /** The CSS of pages in this style, light or dark as the reader's browser is. */
  public static String style() {
    return Template.resource("report.css");
  }

  /** Adds a picture to the section on weights and filters. */
  public StudyReport withPicture(Picture picture) {
    List<Picture> more = new ArrayList<>(pictures);
    more.add(picture);
    return new StudyReport(table, facts, more, index);
  }

  /**
   * Writes the page and the pictures, each whole or not at all; what was there under the same names
   * is replaced, and pictures that an earlier report made there and this does not are removed.
   *
   * @param folder made if it is not there
   * @return the files, the page first
   * @throws org.palimpsest.core.PalimpsestException if one cannot be written
   */
  public List<Path> write(Path folder) {
    List<Path> files = new ArrayList<>();
    files.add(writePage(folder));
    files.addAll(writePictures(folder.resolve(PICTURES)));
    return files;
  }

  /** If one fails, no other is begun, and those under way have ended when the failure is told. */
  private List<Path> writePictures(Path folder) {
    List<Planned> planned = planned();
    List<String> names =
        planned.stream().flatMap(one -> Stream.of(png(one.name()), svg(one.name()))).toList();
    return MadeFiles.in(folder, LIST).replace(names, () -> write(planned, folder));
  }

  private static String png(String picture) {
    return picture + ".png";
  }

  private static String svg(String picture) {
    return picture + ".svg";
  }

  private static List<Path> write(List<Planned> planned, Path folder) {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<List<Path>> written =
        planned.parallelStream()
            .map(picture -> failure.get() == null ? write(picture, folder, failure) : NONE)
            .toList();
    Throwable first = failure.get();
    if (first instanceof Error error) {
      throw error;
    }
    if (first instanceof RuntimeException exception) {
      throw exception;
    }
    return written.stream().flatMap(List::stream).toList();
  }

  private static List<Path> write(
      Planned picture, Path folder, AtomicReference<@Nullable Throwable> failure) {
    try {
      Figure figure = picture.figure().get();
      Path png = folder.resolve(png(picture.name()));
      Path svg = folder.resolve(svg(picture.name()));
      figure.writePng(png);
      figure.writeSvg(svg);
      return List.of(png, svg);
    } catch (RuntimeException | Error fatal) {
      failure.compareAndSet(null, fatal);
      return NONE;
    }
  }

  private List<Planned> planned() {
    List<Planned> planned = new ArrayList<>(new StudyPictures(table, facts, index).planned());
    for (Picture picture : pictures) {
      planned.add(new Planned(Planned.fileName(picture.name()), picture::figure));
    }
    return Planned.withNamesOfTheirOwn(planned);
  }

  /** Writes the page alone, which takes a second; {@link #write} draws every picture too. */
  public Path writePage(Path folder) {
    Path page = folder.resolve(PAGE);
    AtomicFile.write(page, html());
    return page;
  }

  private String html() {
    String echarts = Template.resource(ECHARTS);
    String script = SCRIPTS.stream().map(Template::resource).collect(Collectors.joining("\n"));
    ReportTables tables = new ReportTables(table, facts, index);
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("title", Html.escaped(facts.title()));
    parts.put("scriptHashes", hash(echarts) + " " + hash(script));
    parts.put("style", Template.resource("report.css"));
    parts.put("facts", factsOfStudy());
    parts.put("measures", tables.measures());
    parts.put("overview", tables.overview());
    parts.put("groups", tables.groups());
    parts.put("finals", index.hasNoCurves() ? embedded(finals()) : "");
    parts.put("pictures", embedded(pictures));
    parts.put("failures", tables.failures());
    parts.put("provenance", provenance());
    parts.put("checkpoints", tables.checkpoints());
    parts.put("citation", tables.citation().map(Html::paragraph).orElse(""));
    parts.put("data", new ReportData(table, facts, index).json());
    parts.put("echarts", echarts);
    parts.put("script", script);
    return Template.load("report.html").without(emptySections()).filled(parts);
  }

  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }

  private String factsOfStudy() {
    List<Html.Fact> lines = new ArrayList<>();
    for (Group group : index.groups()) {
      String runs = group.runs().size() == 1 ? "1 run: " : group.runs().size() + " runs: ";
      lines.add(new Html.Fact("Group " + group.name(), runs + String.join(", ", group.runs())));
    }
    lines.add(new Html.Fact("Checkpoints", checkpoints()));
    lines.add(new Html.Fact("Probes", probes()));
    lines.add(new Html.Fact("Samples", table.samples()));
    index.aboutIntervals().ifPresent(made -> lines.add(new Html.Fact("Intervals", made)));
    lines.add(new Html.Fact("Measures", String.join(", ", index.measures())));
    lines.add(new Html.Fact("Figures", String.format(Locale.ROOT, "%,d", table.rows().size())));
    return Html.facts(lines) + Html.list(facts.notes());
  }

  private String checkpoints() {
    int broken = table.broken().size();
    String all = String.valueOf(table.checkpoints().size());
    return broken == 0 ? all : all + ", " + broken + " of them without figures (see below)";
  }

  private String probes() {
    return Stream.of(facts.probes(), "fingerprint " + table.probes().abbreviated())
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }

  private String provenance() {
    List<Html.Fact> lines = new ArrayList<>();
    lines.add(new Html.Fact("Palimpsest", table.version()));
    facts.versions().forEach((software, version) -> lines.add(new Html.Fact(software, version)));
    lines.add(new Html.Fact("Probes' fingerprint", table.probes().value()));
    lines.add(new Html.Fact("Samples", table.samples()));
    return Html.facts(lines);
  }

  /** Where there is nothing over training, the ends of runs are what there is to see. */
  private List<Picture> finals() {
    StudyPictures drawn = new StudyPictures(table, facts, index);
    List<Picture> finals = new ArrayList<>();
    for (String measure : index.measures()) {
      drawn
          .finals(index.measure(measure))
          .ifPresent(
              figure ->
                  finals.add(
                      new Picture(
                          "finals",
                          "The last checkpoints of any two runs, layer by layer: " + measure,
                          figure)));
    }
    return finals;
  }

  private static String embedded(List<Picture> some) {
    StringBuilder html = new StringBuilder();
    for (Picture picture : some) {
      html.append("<figure><img alt=\"")
          .append(Html.escaped(picture.caption()))
          .append("\" width=\"")
          .append(picture.figure().width())
          .append("\" src=\"data:image/png;base64,")
          .append(Base64.getEncoder().encodeToString(picture.figure().smallPng()))
          .append("\">")
          .append(Html.element("figcaption", Html.escaped(picture.caption())))
          .append("</figure>\n");
    }
    return html.toString();
  }

  /** The sections of the page that would have nothing to show. */
  private Set<String> emptySections() {
    Set<String> empty = new LinkedHashSet<>();
    boolean scored = table.checkpoints().stream().anyMatch(c -> c.checkpoint().score().isPresent());
    if (index.hasNoCurves()) {
      empty.add("curves");
      if (!scored) {
        empty.add("overview");
      }
    }
    if (!any(this::hasLayerMaps)) {
      empty.add("layers");
    }
    if (!any(measure -> hasRunWith(run -> !index.stepsOfMaps(measure, run).isEmpty()))) {
      empty.add("steps");
    }
    if (index.groupRows().isEmpty() && !(index.hasNoCurves() && !index.finals().isEmpty())) {
      empty.add("groups");
    }
    if (pictures.isEmpty() && !any(this::hasCurvesOfWeights)) {
      empty.add("weights");
    }
    return empty;
  }

  private boolean any(Predicate<String> measures) {
    return index.measures().stream().anyMatch(measures);
  }

  private boolean hasRunWith(Predicate<String> runs) {
    return index.runs().stream().anyMatch(runs);
  }

  private boolean hasLayerMaps(String measure) {
    return hasRunWith(run -> !index.layerMaps(measure, run).isEmpty())
        || !index.networkMaps(Study.View.FINAL_LAYERS, measure).isEmpty()
        || !index.networkMaps(Study.View.PAIRS, measure).isEmpty();
  }

  private boolean hasCurvesOfWeights(String measure) {
    return index.measure(measure).ofWeights() && !index.curves(measure).isEmpty();
  }

  /**
   * A text with gaps such as {@code {{title}}}. What fills a gap is not searched for gaps again.
   */
  private static final class Template {

    private static final Pattern GAP = Pattern.compile("\\{\\{([a-zA-Z]+)}}");

    private final String text;

    private Template(String text) {
      this.text = text;
    }

    /** A resource of this package. */
    static Template load(String name) {
      return new Template(resource(name));
    }

    /** The text of a resource, its path relative to this package or absolute. */
    static String resource(String path) {
      try (InputStream in = Template.class.getResourceAsStream(path)) {
        byte[] bytes =
            Objects.requireNonNull(in, path + " is not on the class path").readAllBytes();
        return new String(bytes, StandardCharsets.UTF_8);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    /** Without these sections of the page, nor links to them. */
    Template without(Set<String> sections) {
      String rest = text;
      for (String section : sections) {
        rest =
            rest.replaceAll("(?s)<section id=\"" + section + "\">.*?</section>\\s*", "")
                .replaceAll("<a href=\"#" + section + "\">[^<]*</a>\\s*", "");
      }
      return new Template(rest);
    }

    String filled(Map<String, String> parts) {
      return GAP.matcher(text)
          .replaceAll(
              gap -> {
                String name = gap.group(1);
                return Matcher.quoteReplacement(
                    Objects.requireNonNull(parts.get(name), "nothing for " + name));
              });
    }
  }

  /**
   * What a table of figures does not tell by itself, and a reader of the report must know. It
   * stands at the head of the page, in its provenance and below the titles of pictures. All texts
   * are plain: what has a meaning in HTML is escaped. Immutable: each {@code with…} gives a changed
   * copy.
   *
   * @param title what was studied, such as {@code Transfer from membranes to vessels}
   * @param probes what the networks were shown, such as {@code 8 held-out vessel images, 1 × 128 ×
   *     128, standardised}
   * @param versions of what made the figures beside this library, such as {@code PyTorch} and
   *     {@code 2.7.1}
   * @param failures what failed and is not in the table, such as a folder that could not be read
   * @param notes whatever else must be known, such as the command that made the study
   * @param stepName what a step of training is called, such as {@code epoch}
   */
  public record Facts(
      String title,
      String probes,
      Map<String, String> versions,
      List<String> failures,
      List<String> notes,
      String stepName) {

    private static final String STEP = "step";

    public Facts {
      versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
      failures = List.copyOf(failures);
      notes = List.copyOf(notes);
    }

    /**
     * Title and probes alone; steps of training are called so.
     *
     * @param title what was studied
     * @param probes what the networks were shown
     */
    public static Facts of(String title, String probes) {
      return new Facts(title, probes, Map.of(), List.of(), List.of(), STEP);
    }

    /** Adds what made the figures beside this library, such as {@code PyTorch} {@code 2.7.1}. */
    public Facts withVersion(String software, String version) {
      Map<String, String> more = new LinkedHashMap<>(versions);
      more.put(software, version);
      return new Facts(title, probes, more, failures, notes, stepName);
    }

    /** Adds what failed and is not in the table, in a sentence. */
    public Facts withFailure(String failure) {
      return new Facts(title, probes, versions, with(failures, failure), notes, stepName);
    }

    /** Adds whatever else must be known, in a sentence. */
    public Facts withNote(String note) {
      return new Facts(title, probes, versions, failures, with(notes, note), stepName);
    }

    /** Calls the steps of training something else, such as {@code epoch}. */
    public Facts withStepName(String name) {
      return new Facts(title, probes, versions, failures, notes, name);
    }

    /** What an axis of steps is called. */
    String stepAxis() {
      return stepName.equals(STEP) ? "training step" : stepName;
    }

    private static <T> List<T> with(List<T> list, T one) {
      List<T> more = new ArrayList<>(list);
      more.add(one);
      return more;
    }
  }
}
