package org.palimpsest.reproduction.experiment;

import org.palimpsest.reproduction.images.SegmentationTask;
import org.palimpsest.reproduction.training.TrainingPlan;

/**
 * A task and how it is learned.
 *
 * @param task what is learned
 * @param images from how many images
 * @param plan how long
 */
public record Lesson(SegmentationTask task, int images, TrainingPlan plan) {

  String describe() {
    return "%s (%s training images, %s steps)".formatted(task.describe(), images, plan.steps());
  }
}
