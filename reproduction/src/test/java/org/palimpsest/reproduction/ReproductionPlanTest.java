package org.palimpsest.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.palimpsest.reproduction.trained.NamedRun;
import org.palimpsest.reproduction.trained.RunRecipe;

class ReproductionPlanTest {

  private static final Path PAGE = Path.of("..", "docs", "reproduction", "plan.md");

  @Test
  void thePageTellsTheSourcesAndArmsThatAreTrained() throws IOException {
    String page = Files.readString(PAGE);
    for (Series series : ReproductionPlan.core().series()) {
      assertThat(page).contains(table(series));
    }
  }

  private static String table(Series series) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| " + series.title() + " | start | frozen | task | difficulty | images | networks |");
    lines.add("| --- | --- | --- | --- | --- | --- | ---: |");
    for (Series.Source source : series.sources()) {
      lines.add(
          "| `%s` | random weights | – | %s | – | each once | 1 |"
              .formatted(source.name(), source.task()));
    }
    for (Arm arm : series.arms()) {
      List<String> row = arm.row();
      lines.add(
          "| `%s` | %s |".formatted(row.get(0), String.join(" | ", row.subList(1, row.size()))));
    }
    return String.join("\n", lines) + "\n";
  }

  @Test
  void everyNetworkHasARecipeAndAFolderOfItsOwn() {
    for (ReproductionPlan plan :
        List.of(ReproductionPlan.quick(), ReproductionPlan.core(), ReproductionPlan.full())) {
      for (Series series : plan.all()) {
        Map<RunRecipe, NamedRun> runs = series.runs();
        assertThat(runs).as(series.name()).hasSize(series.networks());
        assertThat(runs.values()).extracting(NamedRun::name).doesNotHaveDuplicates();
        assertThat(Reproduction.inOrder(series)).hasSize(series.networks());
      }
    }
  }

  @Test
  void runsOfASeedShareTheirImagesAndOrderInAllArmsAndOtherSeedsHaveOthers() {
    Series series = ReproductionPlan.core().series().get(0);
    for (Arm arm : series.arms()) {
      RunRecipe first = series.recipe(arm, 0);
      RunRecipe second = series.recipe(arm, 1);
      RunRecipe random = series.recipe(series.arms().get(0), 0);
      assertThat(first.seed()).isEqualTo(random.seed());
      assertThat(first.task()).as(arm.name()).isNotEqualTo(second.task());
      if (arm.difficulty() == Arm.Difficulty.HARD) {
        assertThat(first.task()).as(arm.name()).isEqualTo(random.task());
      }
    }
  }

  @Test
  void networksTrainedLongerHaveTheStartImagesAndOrderOfTheOthersAndEightTimesTheSteps() {
    Series series = ReproductionPlan.core().series().get(0);
    Arm longer = series.arms().get(series.arms().size() - 1);
    RunRecipe recipe = series.recipe(longer, 2);
    RunRecipe random = series.recipe(series.arms().get(0), 2);

    assertThat(longer.times()).isEqualTo(8);
    assertThat(recipe.start()).isEqualTo(random.start());
    assertThat(recipe.task()).isEqualTo(random.task());
    assertThat(recipe.seed()).isEqualTo(random.seed());
    assertThat(recipe.plan().checkpointSteps()).containsExactly(0, 50, 200, 800, 1600, 3200, 6400);
    assertThat(recipe.plan().decay()).isEqualTo(random.plan().decay());
  }

  @Test
  void allArmsHaveThreeNetworksBeforeAnyHasAFourth() {
    Series series = ReproductionPlan.core().series().get(0);
    Collection<NamedRun> first =
        Reproduction.inOrder(series).subList(0, 3 * series.arms().size()).stream()
            .map(series.runs()::get)
            .toList();
    assertThat(first)
        .allSatisfy(run -> assertThat(run.role().pair().orElseThrow()).isIn("0", "1", "2"));
  }
}
