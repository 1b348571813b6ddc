// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QStackedWidget;
class QTabWidget;

namespace dw::ui {

class ContactSheet;
class DatasetSession;
class LivePredictor;
class ModelBar;
class NoiseLab;
class PageHost;
class RecipeDraft;
class SampleStrip;
class SchedulePlot;
class TrainingSession;
class Workbench;
struct ModelView;
struct StripEntry;

/// What noise does to the user's own data: the schedule as curves, one sample on its way to noise, and which timesteps
/// training draws.
class NoisePage : public QWidget {
  Q_OBJECT

 public:
  NoisePage(NoiseLab* lab, LivePredictor* predictor, TrainingSession* session, RecipeDraft* draft,
            DatasetSession* dataset, QWidget* parent = nullptr);
  NoiseLab* lab() const { return lab_; }
  ModelBar* modelBar() const { return modelBar_; }

 Q_SIGNALS:
  void openRequested();
  void demoRequested();
  /// Something the user should know: a sample that cannot be read, a file that cannot be written.
  void troubleRaised(const QString& sentence, const QString& remedy);

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  QWidget* buildSample();
  QWidget* buildEmpty();
  QWidget* buildStripSide();
  void connectAll();
  void showSchedule();
  void showTime();
  void showSample();
  void showStripExport();
  void takeView(const ModelView& view);
  void dropView();
  void applyLook();
  void applyScale();
  void saveCurves();
  StripEntry noisedEntry() const;

  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  NoiseLab* lab_;
  LivePredictor* predictor_;
  ModelBar* modelBar_ = nullptr;
  SchedulePlot* plot_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QStackedWidget* stack_ = nullptr;  ///< nothing open, or the sample
  SampleStrip* strip_ = nullptr;
  ContactSheet* sheet_ = nullptr;
  QLabel* formula_ = nullptr;
  QLabel* figures_ = nullptr;
  QLabel* readout_ = nullptr;
};

/// The page as it stands in the window.
QWidget* makeNoisePage(Workbench& workbench, PageHost& host);

}  // namespace dw::ui
