<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>FileFacts</name>
    <message numerus="yes">
        <source>%1 labels</source>
        <translation>
            <numerusform>%1 label</numerusform>
            <numerusform>%1 labels</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 samples</source>
        <translation>
            <numerusform>%1 sample</numerusform>
            <numerusform>%1 samples</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 crops</source>
        <translation>
            <numerusform>%1 crop</numerusform>
            <numerusform>%1 crops</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 channels</source>
        <translation>
            <numerusform>%1 channel</numerusform>
            <numerusform>%1 channels</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 files</source>
        <translation>
            <numerusform>%1 file</numerusform>
            <numerusform>%1 files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 vectors of %2 numbers each sample</source>
        <translation>
            <numerusform>%1 vector of %2 numbers each sample</numerusform>
            <numerusform>%1 vectors of %2 numbers each sample</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LossCurves</name>
    <message numerus="yes">
        <source>%1 steps above</source>
        <translation>
            <numerusform>%1 step above</numerusform>
            <numerusform>%1 steps above</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 steps below</source>
        <translation>
            <numerusform>%1 step below</numerusform>
            <numerusform>%1 steps below</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunText</name>
    <message numerus="yes">
        <source>Finished all %1 steps</source>
        <translation>
            <numerusform>Finished %1 step</numerusform>
            <numerusform>Finished all %1 steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SampleText</name>
    <message numerus="yes">
        <source>, %1, %2 steps</source>
        <translation>
            <numerusform>, %1, %2 step</numerusform>
            <numerusform>, %1, %2 steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::CheckUpView</name>
    <message numerus="yes">
        <source>%1 samples read in %2</source>
        <translation>
            <numerusform>%1 sample read in %2</numerusform>
            <numerusform>%1 samples read in %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::CollapsibleSection</name>
    <message numerus="yes">
        <source>%1 (%n to mend)</source>
        <translation>
            <numerusform>%1 (%n to mend)</numerusform>
            <numerusform>%1 (%n to mend)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::DrawsView</name>
    <message numerus="yes">
        <source>%1 timesteps drawn up to step %2. The line is where all would be if every t were equally likely.</source>
        <translation>
            <numerusform>%1 timestep drawn up to step %2. The line is where all would be if every t were equally likely.</numerusform>
            <numerusform>%1 timesteps drawn up to step %2. The line is where all would be if every t were equally likely.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>t from %1 to %2: drawn %3 times</source>
        <translation>
            <numerusform>t from %1 to %2: drawn %3 time</numerusform>
            <numerusform>t from %1 to %2: drawn %3 times</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::DryRunCard</name>
    <message numerus="yes">
        <source>Disk: %1 for at most %2 checkpoints of %3 and %4 of metrics, %5 free.</source>
        <translation>
            <numerusform>Disk: %1 for at most %2 checkpoint of %3 and %4 of metrics, %5 free.</numerusform>
            <numerusform>Disk: %1 for at most %2 checkpoints of %3 and %4 of metrics, %5 free.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 The run will not fit: keep %2 checkpoints (it is %3 now), or free some space on that disk.</source>
        <translation>
            <numerusform>%1 The run will not fit: keep %2 checkpoint (it is %3 now), or free some space on that disk.</numerusform>
            <numerusform>%1 The run will not fit: keep %2 checkpoints (it is %3 now), or free some space on that disk.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 parameters. A step takes %2 (%3 to %4), memory %5%6. %7 steps take %8 to %9, done about %10.</source>
        <translation>
            <numerusform>%1 parameters. A step takes %2 (%3 to %4), memory %5%6. %7 step takes %8 to %9, done about %10.</numerusform>
            <numerusform>%1 parameters. A step takes %2 (%3 to %4), memory %5%6. %7 steps take %8 to %9, done about %10.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::LossPlot</name>
    <message numerus="yes">
        <source>%n losses of 0 or less have no place on a log axis</source>
        <translation>
            <numerusform>%n loss of 0 or less has no place on a log axis</numerusform>
            <numerusform>%n losses of 0 or less have no place on a log axis</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::RunComparison</name>
    <message numerus="yes">
        <source>%n runs selected</source>
        <translation>
            <numerusform>%n run selected</numerusform>
            <numerusform>%n runs selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::RunTransfer</name>
    <message numerus="yes">
        <source>Deleting %n runs for good</source>
        <translation>
            <numerusform>Deleting %n run for good</numerusform>
            <numerusform>Deleting %n runs for good</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %n checkpoints are as they were written.</source>
        <translation>
            <numerusform>The checkpoint is as it was written.</numerusform>
            <numerusform>All %n checkpoints are as they were written.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 checkpoints are as they were written.</source>
        <translation>
            <numerusform>%1 of %2 checkpoint is as it was written.</numerusform>
            <numerusform>%1 of %2 checkpoints are as they were written.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::RunsPage</name>
    <message numerus="yes">
        <source>%1 did the %2 steps that were planned.
Train on to how many steps in all?</source>
        <translation>
            <numerusform>%1 did the %2 step that was planned.
Train on to how many steps in all?</numerusform>
            <numerusform>%1 did the %2 steps that were planned.
Train on to how many steps in all?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::TimestepPlot</name>
    <message numerus="yes">
        <source>mean loss &lt;b&gt;%1&lt;/b&gt; of %2 samples</source>
        <translation>
            <numerusform>mean loss &lt;b&gt;%1&lt;/b&gt; of %2 sample</numerusform>
            <numerusform>mean loss &lt;b&gt;%1&lt;/b&gt; of %2 samples</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::TrashDialog</name>
    <message numerus="yes">
        <source>Delete %n runs for good? They cannot be brought back.</source>
        <translation>
            <numerusform>Delete %n run for good? It cannot be brought back.</numerusform>
            <numerusform>Delete %n runs for good? They cannot be brought back.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>dw::ui::WhatIfDialog</name>
    <message numerus="yes">
        <source> steps each</source>
        <translation>
            <numerusform> step each</numerusform>
            <numerusform> steps each</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Of these, %1 learns fastest over %2 steps.</source>
        <translation>
            <numerusform>Of these, %1 learns fastest over %2 step.</numerusform>
            <numerusform>Of these, %1 learns fastest over %2 steps.</numerusform>
        </translation>
    </message>
</context>
</TS>
