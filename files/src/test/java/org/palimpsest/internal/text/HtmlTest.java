package org.palimpsest.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class HtmlTest {

  @Test
  void textsOfOthersAreNoMarkup() {
    assertThat(Html.escaped("<b a=\"1\" c='2'>&amp;\u001b"))
        .isEqualTo("&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;\\u001b");
    assertThat(Html.paragraph("a < b")).isEqualTo("<p>a &lt; b</p>\n");
    assertThat(Html.list(List.of("<i>", "b"))).isEqualTo("<ul><li>&lt;i&gt;</li><li>b</li></ul>");
    assertThat(Html.list(List.of())).isEmpty();
    assertThat(Html.facts(List.of(new Html.Fact("<n>", "<v>"))))
        .isEqualTo("<dl><dt>&lt;n&gt;</dt><dd>&lt;v&gt;</dd></dl>\n");
  }

  @Property
  void noTextBreaksOut(@ForAll String text) {
    assertThat(Html.escaped(text)).doesNotContainPattern("[<>\"']|&(?!amp;|lt;|gt;|quot;|#39;)");
  }

  @Test
  void cellsThatLookLikeNumbersStandToTheRight() {
    String table =
        Html.table(
            List.of("layer", "value"),
            List.of(List.of("enc1", "0.25"), List.of("3d", "<1e-5"), List.of("1,5", "−2")));
    assertThat(table)
        .contains("<th scope=\"col\">layer</th>")
        .contains("<td>enc1</td><td class=\"number\">0.25</td>")
        .contains("<td>3d</td><td class=\"number\">&lt;1e-5</td>")
        .contains("<td class=\"number\">1,5</td><td class=\"number\">−2</td>");
  }

  @Test
  void namesInAMessageAreCutWithTheirCount() {
    assertThat(Names.shortened(List.of("a", "b", "c"), 3)).isEqualTo("a, b, c");
    assertThat(Names.shortened(List.of("a", "b", "c"), 1)).isEqualTo("a and 2 more");
  }
}
